#include "mcp/shared/call_kinds.h"

#include <optional>
#include <utility>

#include "mcp/prompt.h"
#include "mcp/resource.h"
#include "mcp/result.h"
#include "mcp/tool.h"

namespace mcp::shared {

using base::json::Value;

namespace {

// Call's methods as the CallContext that the run sees.
template <class Reply>
class CallAs : public Call, protected Reply {
 protected:
  using Call::Call;
  using Reply::fail;
  ~CallAs() override { drop_run(); }  // while this is whole: the run's destructor may use it

  const Caller& caller() const override { return from().caller(); }
  bool wants_progress() const final { return progress_wanted(); }
  void progress(const Progress& progress) final { tell_progress(progress); }
  void log(LogLevel level, std::string_view data_json) final { tell_log(level, data_json); }
  void close_stream(base::Duration retry) final { let_go(retry); }
  void elicitation_complete(std::string_view id) final { tell_elicitation_complete(id); }
  const ClientCapabilities& client() const final { return from().capabilities(); }
  const Answers& answers() const final { return from().answers(); }
  void ask(std::vector<Question> questions, std::string state) final {
    put(std::move(questions), std::move(state));
  }
  void fail(RpcError error) override { finish_error(std::move(error)); }
  void refuse(RpcError error) override { fail(std::move(error)); }
};

class ToolCall final : public CallAs<ToolReply> {
 public:
  ToolCall(CallStart start, Tool& tool) : CallAs(std::move(start), tool.info().name), tool_(tool) {}

 private:
  std::unique_ptr<ToolRun> begin(Value params) override {
    const Value arguments = params["arguments"];
    if (auto why = registry().refusal(tool_, caller())) {
      registry().tell_refused(tool_, caller(), *why);
      fail(ToolError{tool_.info().name + " is not available: " + *why});
      return nullptr;
    }
    if (from().takes_tasks(tool_)) {
      arguments_json_ = arguments.to_json();
    } else if (tool_.info().tasks == TaskSupport::required) {
      fail(ToolError{"this tool needs a client that supports tasks (" +
                     std::string(kTasksExtension) + " of MCP 2026-07-28)"});
      return nullptr;
    }
    return tool_.begin(arguments, *this);
  }
  bool become_task() override {
    if (!from().takes_tasks(tool_)) return false;
    if (from().begin_task(tool_, arguments_json_)) return true;
    if (tool_.info().tasks == TaskSupport::optional) return false;
    fail(RpcError{RpcCode::internal_error, "too many tasks; try again later", {}});
    return true;
  }
  void succeed(ToolResult result) override {
    std::string meta = std::exchange(result.meta_json, {});
    finish_result({tool_result_json(result, from().version()), std::move(meta)});
  }
  void fail(ToolError error) override {
    finish_result({tool_error_json(error.message)}, Outcome::tool_error);
  }
  void fail(RpcError error) override { CallAs::fail(std::move(error)); }
  // As a tool error, so that the model sees the reason.
  void refuse(RpcError error) override { fail(ToolError{std::move(error.message)}); }
  // The client's caller, whose token may be a newer one than before, and the tool.
  const Caller& caller() const override {
    const Caller& now = from().caller();
    if (!caller_ || caller_->bearer != now.bearer) {
      caller_ = now;
      caller_->tool = tool_.info().name;
    }
    return *caller_;
  }
  Tool& tool_;
  std::string arguments_json_;  // set only when the call may become a task
  mutable std::optional<Caller> caller_;
};

class PromptCall final : public CallAs<PromptReply> {
 public:
  PromptCall(CallStart start, Prompt& prompt)
      : CallAs(std::move(start), prompt.info().name), prompt_(prompt) {}

 private:
  std::unique_ptr<ToolRun> begin(Value params) override {
    return prompt_.begin(params["arguments"], *this);
  }
  void succeed(PromptResult result) override {
    finish_result({prompt_result_json(result, from().version())});
  }
  Prompt& prompt_;
};

class ReadCall final : public CallAs<ReadReply> {
 public:
  ReadCall(CallStart start, std::string uri, ResourceFamily& family)
      : CallAs(std::move(start), uri), uri_(std::move(uri)), family_(family) {}

 private:
  std::unique_ptr<ToolRun> begin(Value) override { return family_.read(caller(), uri_, *this); }
  void succeed(ResourceContent content) override {
    finish_result({read_result_json(uri_, content, from().version()), {}, true});
  }
  void fail(RpcError error) override { CallAs::fail(about_uri(std::move(error), uri_)); }
  std::string uri_;
  ResourceFamily& family_;
};

class CompleteCall final : public CallAs<CompletionReply> {
 public:
  CompleteCall(CallStart start, const CompletionTarget& of)
      : CallAs(std::move(start), "completion"), of_(of) {}

 private:
  std::unique_ptr<ToolRun> begin(Value params) override {
    return begin_completion(of_.prompt, of_.family, params, *this);
  }
  void succeed(std::vector<std::string> values, std::optional<std::uint64_t> total) override {
    finish_result({completion_result_json(values, total)});
  }
  CompletionTarget of_;
};

// Makes the call of the target that the variant holds.
struct Maker {
  CallStart& start;
  std::unique_ptr<Call> operator()(Tool* tool) {
    return std::make_unique<ToolCall>(std::move(start), *tool);
  }
  std::unique_ptr<Call> operator()(Prompt* prompt) {
    return std::make_unique<PromptCall>(std::move(start), *prompt);
  }
  std::unique_ptr<Call> operator()(ResourceFamily* family) {
    std::string uri(start.message.params["uri"].str());
    return std::make_unique<ReadCall>(std::move(start), std::move(uri), *family);
  }
  std::unique_ptr<Call> operator()(const CompletionTarget& of) {
    return std::make_unique<CompleteCall>(std::move(start), of);
  }
};

}  // namespace

void begin_call(CallStart start, const CallTarget& target) {
  const Value params = start.message.params;
  base::OwnList<Call>& calls = start.calls;
  calls.add(std::visit(Maker{start}, target)).run(params);
}

}  // namespace mcp::shared
