// A call that ends from outside says what became of its work: at shutdown, with its session, when
// its client cancels it, and when a question gets no answer; in both eras, and as a task.
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "mcp/tool.h"
#include "support/modern_world.h"

namespace {

using mcp::Question;
using mcp::ToolReply;
using test::Answer;
using test::contains;

constexpr const char* kDown = "the server is shutting down";
constexpr const char* kForms = R"({"elicitation":{"form":{}}})";
constexpr const char* kTasks = R"({"elicitation":{"form":{}},)"
                               R"("extensions":{"io.modelcontextprotocol/tasks":{}}})";

struct Nothing {
  static mcp::Fields fields() { return {}; }
};

// Does a part of its work and waits; or asks.
class Worker final : public mcp::TypedTool<Nothing> {
 public:
  using Call = mcp::TypedCall<mcp::ToolResult>;
  struct Run final : mcp::ToolRun {
    explicit Run(Call to) : call(to) {}
    void abandon(std::string_view reason) override {
      call.succeed("half of it is made: " + std::string(reason));
    }
    std::string so_far() const override { return "half of it is made"; }
    Call call;
  };
  Worker() : TypedTool({.name = "test.work", .tasks = mcp::TaskSupport::optional}) {}
  std::unique_ptr<mcp::ToolRun> start(Nothing, Call call) override {
    if (call.becomes_task()) return nullptr;
    if (!asks) return std::make_unique<Run>(call);
    std::vector<Question> questions;
    questions.push_back(Question::form("sure", "Sure?", R"({"type":"object","properties":{}})"));
    questions.back().unanswered = "nothing was made";
    call->ask(std::move(questions));
    return nullptr;
  }
  bool asks = false;
};

struct LastWords : test::ModernWorld {
  LastWords() {
    auto made = std::make_unique<Worker>();
    worker = made.get();
    registry.add(std::move(made));
    be_quiet();
  }
  std::string begin(std::string_view capabilities) {
    const Answer a = post(rpc("initialize", R"({"protocolVersion":"2025-11-25","capabilities":)" +
                                                std::string(capabilities) + "}"));
    return a.header("Mcp-Session-Id");
  }
  std::unique_ptr<test::EventStream> call_in(const std::string& session) {
    auto stream = std::make_unique<test::EventStream>();
    stream->peer = post_later(rpc("tools/call", R"({"name":"test.work"})", "5"), in(session));
    settle();
    stream->read();
    return stream;
  }
  // All that came, as one text.
  static std::string all(test::EventStream& stream) {
    stream.read();
    std::string out = stream.head().body;
    for (const std::string& each : stream.data())
      out += each;
    return out;
  }
  Answer task() {
    return post(body("tools/call", R"("name":"test.work","arguments":{})", "1", meta(kTasks)),
                headers("tools/call", "test.work"));
  }
  Answer about(std::string_view method, const std::string& id) {
    return post(body(method, R"("taskId":")" + id + "\"", "2", meta(kTasks)), headers(method, id));
  }
  static std::string id_of(const Answer& answer) {
    base::json::Document doc;
    const auto v = doc.parse(answer.body);
    return v ? std::string((*v)["result"]["taskId"].str()) : std::string();
  }
  Worker* worker = nullptr;
};

TEST_F(LastWords, AtShutdownTheRunEndsItsCallItself) {
  auto stream = call_in(begin("{}"));
  endpoint->begin_drain();
  endpoint->abandon_calls(kDown);
  settle();
  EXPECT_TRUE(contains(all(*stream), "half of it is made: the server is shutting down"))
      << all(*stream);
  EXPECT_EQ(endpoint->stats().calls, 0u);
}

TEST_F(LastWords, AtShutdownSoDoesACallOfARequest) {
  auto peer = post_later(body("tools/call", R"("name":"test.work","arguments":{})"),
                         headers("tools/call", "test.work"));
  settle();
  endpoint->begin_drain();
  endpoint->abandon_calls(kDown);
  settle();
  EXPECT_TRUE(answer_of(*peer).has("half of it is made: the server is shutting down"))
      << answer_of(*peer).body;
}

TEST_F(LastWords, ATaskThatIsCancelledSaysWhatIsDone) {
  const std::string id = id_of(task());
  ASSERT_FALSE(id.empty());
  settle();
  about("tasks/cancel", id);
  const Answer state = about("tasks/get", id);
  EXPECT_TRUE(state.has(R"("status":"cancelled","statusMessage":"cancelled by the client; half of )"
                        R"(it is made")"))
      << state.body;
}

TEST_F(LastWords, ATaskThatAsksAndIsCancelledSaysWhatHolds) {
  worker->asks = true;
  const std::string id = id_of(task());
  settle();
  about("tasks/cancel", id);
  const Answer state = about("tasks/get", id);
  EXPECT_TRUE(state.has("cancelled by the client; nothing was made")) << state.body;
}

TEST_F(LastWords, AQuestionWithoutAnAnswerSaysWhatHolds) {
  worker->asks = true;
  const std::string session = begin(kForms);
  auto refused = call_in(session);
  post(R"({"jsonrpc":"2.0","id":"srv-1","error":{"code":-1,"message":"no way"}})", in(session));
  EXPECT_TRUE(
      contains(all(*refused), "the client refused elicitation/create: no way; nothing was made"))
      << all(*refused);
  auto odd = call_in(session);
  post(R"({"jsonrpc":"2.0","id":"srv-2","result":{"action":7}})", in(session));
  EXPECT_TRUE(contains(all(*odd), "does not have the required form; nothing was made"))
      << all(*odd);
  auto silent = call_in(session);
  pass(mcp::kAskTime);
  EXPECT_TRUE(contains(all(*silent), "did not answer within 10 minutes; nothing was made"))
      << all(*silent);
  const std::string cannot = begin("{}");
  EXPECT_TRUE(contains(all(*call_in(cannot)), "; nothing was made"));
}

TEST_F(LastWords, AtShutdownAQuestionThatWaitsSaysWhatHolds) {
  worker->asks = true;
  auto stream = call_in(begin(kForms));
  endpoint->begin_drain();
  endpoint->abandon_calls(kDown);
  settle();
  EXPECT_TRUE(
      contains(all(*stream), R"(the server is shutting down; nothing was made"}],"isError":true)"))
      << all(*stream);
}

}  // namespace
