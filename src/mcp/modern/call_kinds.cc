// The four kinds of modern calls: how each begins a round, and how its result or error is written.
#include <utility>

#include "mcp/modern/call.h"
#include "mcp/prompt.h"
#include "mcp/resource.h"
#include "mcp/result.h"
#include "mcp/tool.h"

namespace mcp::modern {

using base::json::Value;

namespace {

constexpr Version kVersion = Version::v2026_07_28;

// Call's methods as the CallContext that the run sees.
template <class Reply>
class ModernCallAs : public Call, protected Reply {
 public:
  using Call::run;

 protected:
  using Call::Call;
  using Reply::fail;
  ~ModernCallAs() override { drop_run(); }  // while this is whole: the run's destructor may use it

  const Caller& caller() const final { return caller_; }
  bool wants_progress() const final { return pace_.wanted(); }
  void progress(const Progress& progress) final { tell_progress(progress); }
  void log(LogLevel level, std::string_view data_json) final { tell_log(level, data_json); }
  void close_stream(base::Duration) final {}
  void elicitation_complete(std::string_view) final {}
  const ClientCapabilities& client() const final { return client_; }
  const Answers& answers() const final { return answers_; }
  void ask(std::vector<Question> questions, std::string state) final { put(questions, state); }
  void fail(RpcError error) override { finish_error(std::move(error)); }
};

class ToolCall final : public ModernCallAs<ToolReply> {
 public:
  ToolCall(Server& modern, Server::Request& request, Tool& tool)
      : ModernCallAs(modern, request, tool.info().name), tool_(tool) {}

 private:
  std::unique_ptr<ToolRun> begin(Value params) override {
    if (may_be_task()) arguments_json_ = params["arguments"].to_json();
    return tool_.begin(params["arguments"], *this);
  }
  bool may_be_task() const { return client_.tasks && tool_.info().tasks != TaskSupport::never; }
  bool become_task() override {
    if (!may_be_task()) return false;
    const Task* task = modern_.tasks().add(tool_, {caller_, client_, answers_, arguments_json_});
    if (task) {
      finish_as(*task);
    } else if (tool_.info().tasks == TaskSupport::optional) {
      return false;
    } else {
      finish_error({RpcCode::internal_error, "too many tasks; try again later", {}});
    }
    return true;
  }
  void succeed(ToolResult result) override {
    const std::string meta = std::exchange(result.meta_json, {});
    finish_result(tool_result_json(result, kVersion), shared::Outcome::ok, meta);
  }
  void fail(ToolError error) override {
    finish_result(tool_error_json(error.message), shared::Outcome::tool_error);
  }
  void fail(RpcError error) override { finish_error(std::move(error)); }
  Tool& tool_;
  std::string arguments_json_;  // set only when the call may become a task
};

class PromptCall final : public ModernCallAs<PromptReply> {
 public:
  PromptCall(Server& modern, Server::Request& request, Prompt& prompt)
      : ModernCallAs(modern, request, prompt.info().name), prompt_(prompt) {}

 private:
  std::unique_ptr<ToolRun> begin(Value params) override {
    return prompt_.begin(params["arguments"], *this);
  }
  void succeed(PromptResult result) override {
    finish_result(prompt_result_json(result, kVersion));
  }
  Prompt& prompt_;
};

class ReadCall final : public ModernCallAs<ReadReply> {
 public:
  ReadCall(Server& modern, Server::Request& request, ResourceFamily& family)
      : ModernCallAs(modern, request, std::string(request.param("uri").str())),
        uri_(request.param("uri").str()),
        family_(family) {}

 private:
  std::unique_ptr<ToolRun> begin(Value) override { return family_.read(caller_, uri_, *this); }
  // Not cacheable: cluster state changes at any time and depends on the caller's permissions.
  void succeed(ResourceContent content) override {
    finish_kept(read_result_json(uri_, content, kVersion), Caching{});
  }
  void fail(RpcError error) override { finish_error(about_uri(std::move(error), uri_)); }
  std::string uri_;
  ResourceFamily& family_;
};

class CompleteCall final : public ModernCallAs<CompletionReply> {
 public:
  CompleteCall(Server& modern, Server::Request& request, Prompt* prompt, ResourceFamily* family)
      : ModernCallAs(modern, request, "completion"), prompt_(prompt), family_(family) {}

 private:
  std::unique_ptr<ToolRun> begin(Value params) override {
    return begin_completion(prompt_, family_, params, *this);
  }
  void succeed(std::vector<std::string> values, std::optional<std::uint64_t> total) override {
    finish_result(completion_result_json(values, total));
  }
  Prompt* prompt_;
  ResourceFamily* family_;
};

}  // namespace

void begin_tool(Server& modern, Server::Request& request, Tool& tool) {
  modern.calls().add(std::make_unique<ToolCall>(modern, request, tool)).run(request);
}

void begin_prompt(Server& modern, Server::Request& request, Prompt& prompt) {
  modern.calls().add(std::make_unique<PromptCall>(modern, request, prompt)).run(request);
}

void begin_read(Server& modern, Server::Request& request, ResourceFamily& family) {
  modern.calls().add(std::make_unique<ReadCall>(modern, request, family)).run(request);
}

void begin_complete(Server& modern, Server::Request& request, Prompt* prompt,
                    ResourceFamily* family) {
  modern.calls().add(std::make_unique<CompleteCall>(modern, request, prompt, family)).run(request);
}

}  // namespace mcp::modern
