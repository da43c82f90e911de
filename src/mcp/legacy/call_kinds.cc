// The four kinds of calls: how each begins a round, and how its result or error is written.
#include <utility>

#include "mcp/legacy/call.h"
#include "mcp/legacy/session.h"
#include "mcp/prompt.h"
#include "mcp/resource.h"
#include "mcp/result.h"
#include "mcp/tool.h"

namespace mcp::legacy {

using base::json::Value;

namespace {

// Call's methods as the CallContext that the run sees.
template <class Reply>
class CallAs : public Call, protected Reply {
 protected:
  using Call::Call;
  using Reply::fail;
  ~CallAs() override { drop_run(); }  // while this is whole: the run's destructor may use it

  const Caller& caller() const final { return session_.caller(); }
  bool wants_progress() const final { return pace_.wanted(); }
  void progress(const Progress& progress) final { tell_progress(progress); }
  void log(LogLevel level, std::string_view data_json) final { tell_log(level, data_json); }
  void close_stream(base::Duration retry) final { let_go(retry); }
  void elicitation_complete(std::string_view id) final { tell_elicitation_complete(id); }
  const ClientCapabilities& client() const final { return session_.client(); }
  const Answers& answers() const final { return answers_; }
  void ask(std::vector<Question> questions, std::string state) final {
    put(std::move(questions), std::move(state));
  }
  void fail(RpcError error) override {
    // The legacy revisions do not define this code.
    if (error.code == RpcCode::missing_capability) error.code = RpcCode::internal_error;
    finish_error(error);
  }
  void refuse(RpcError error) override { fail(std::move(error)); }
};

class ToolCall final : public CallAs<ToolReply> {
 public:
  ToolCall(Session& session, Exchange& exchange, const Message& message, Tool& tool)
      : CallAs(session, exchange, message, tool.info().name), tool_(tool) {}
  void start(const Message& message) { run(message.params); }

 private:
  std::unique_ptr<ToolRun> begin(Value params) override {
    if (tool_.info().tasks != TaskSupport::required) return tool_.begin(params["arguments"], *this);
    fail(ToolError{"this tool needs a client that supports tasks (" + std::string(kTasksExtension) +
                   " of MCP 2026-07-28)"});
    return nullptr;
  }
  void succeed(ToolResult result) override {
    finish_result(tool_result_json(result, session_.version()));
  }
  void fail(ToolError error) override {
    finish_result(tool_error_json(error.message), shared::Outcome::tool_error);
  }
  void fail(RpcError error) override { CallAs::fail(std::move(error)); }
  // As a tool error, so that the model sees the reason.
  void refuse(RpcError error) override { fail(ToolError{std::move(error.message)}); }
  Tool& tool_;
};

class PromptCall final : public CallAs<PromptReply> {
 public:
  PromptCall(Session& session, Exchange& exchange, const Message& message, Prompt& prompt)
      : CallAs(session, exchange, message, prompt.info().name), prompt_(prompt) {}
  void start(const Message& message) { run(message.params); }

 private:
  std::unique_ptr<ToolRun> begin(Value params) override {
    return prompt_.begin(params["arguments"], *this);
  }
  void succeed(PromptResult result) override {
    finish_result(prompt_result_json(result, session_.version()));
  }
  Prompt& prompt_;
};

class ReadCall final : public CallAs<ReadReply> {
 public:
  ReadCall(Session& session, Exchange& exchange, const Message& message, ResourceFamily& family)
      : CallAs(session, exchange, message, std::string(message.params["uri"].str())),
        uri_(message.params["uri"].str()),
        family_(family) {}
  void start(const Message& message) { run(message.params); }

 private:
  std::unique_ptr<ToolRun> begin(Value) override { return family_.read(caller(), uri_, *this); }
  void succeed(ResourceContent content) override {
    finish_result(read_result_json(uri_, content, session_.version()));
  }
  void fail(RpcError error) override { CallAs::fail(about_uri(std::move(error), uri_)); }
  std::string uri_;
  ResourceFamily& family_;
};

class CompleteCall final : public CallAs<CompletionReply> {
 public:
  CompleteCall(Session& session, Exchange& exchange, const Message& message, Prompt* prompt,
               ResourceFamily* family)
      : CallAs(session, exchange, message, "completion"), prompt_(prompt), family_(family) {}
  void start(const Message& message) { run(message.params); }

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

void call_tool(Session& session, Exchange& exchange, const Message& message, Tool& tool) {
  session.calls().add(std::make_unique<ToolCall>(session, exchange, message, tool)).start(message);
}

void call_prompt(Session& session, Exchange& exchange, const Message& message, Prompt& prompt) {
  session.calls()
      .add(std::make_unique<PromptCall>(session, exchange, message, prompt))
      .start(message);
}

void call_read(Session& session, Exchange& exchange, const Message& message,
               ResourceFamily& family) {
  session.calls()
      .add(std::make_unique<ReadCall>(session, exchange, message, family))
      .start(message);
}

void call_complete(Session& session, Exchange& exchange, const Message& message, Prompt* prompt,
                   ResourceFamily* family) {
  session.calls()
      .add(std::make_unique<CompleteCall>(session, exchange, message, prompt, family))
      .start(message);
}

}  // namespace mcp::legacy
