// Asking the client while a call is under way: sampling, elicitation by form and by URL, roots;
// progress and log messages on the call's own stream (tables A2, A11, A15; wire example D5).
#include <gtest/gtest.h>

#include "support/mcp_world.h"

namespace {

using mcp::Question;
using mcp::ToolReply;
using test::Answer;
using test::EventStream;

constexpr const char* kAll = R"({"roots":{},"sampling":{},"elicitation":{"form":{},"url":{}}})";

struct McpAsk : test::McpWorld {
  McpAsk() {
    slow->round = [this](test::TestTool&, ToolReply& reply) { return round(reply); };
  }
  // Asks for all of `questions` of the round; says what it got when there are none left.
  std::unique_ptr<mcp::ToolRun> round(ToolReply& reply) {
    ++rounds;
    states.push_back(reply.answers().state);
    if (hook) return hook(reply);
    if (rounds <= static_cast<int>(questions.size())) {
      reply.ask(questions[static_cast<std::size_t>(rounds) - 1], "state " + std::to_string(rounds));
      return nullptr;
    }
    mcp::ToolResult result;
    result.content.push_back(mcp::Content::of_text("done"));
    reply.succeed(result);
    return nullptr;
  }
  std::string begin(std::string_view version, std::string_view capabilities) {
    const Answer a =
        post(rpc("initialize", std::string(R"({"protocolVersion":")") + std::string(version) +
                                   R"(","capabilities":)" + std::string(capabilities) + "}"));
    return session = a.header("Mcp-Session-Id");
  }
  std::unique_ptr<EventStream> call(std::string_view headers = {},
                                    std::string_view params = R"({"name":"test.slow"})") {
    auto stream = std::make_unique<EventStream>();
    stream->peer = post_later(rpc("tools/call", params, "5"), in(session) + std::string(headers));
    stream->read();
    return stream;
  }
  void answer(std::string_view id, std::string_view result) {
    EXPECT_EQ(post(R"({"jsonrpc":"2.0","id":")" + std::string(id) + R"(","result":)" +
                       std::string(result) + "}",
                   in(session))
                  .status,
              202);
  }
  // The answer of the call, whole, when it came as JSON.
  static std::string json(EventStream& stream) {
    stream.read();
    return stream.head().body;
  }
  std::string session;
  std::vector<std::vector<Question>> questions;
  std::function<std::unique_ptr<mcp::ToolRun>(ToolReply&)> hook;
  std::vector<std::string> states;
  int rounds = 0;
};

TEST_F(McpAsk, D5TheRequestIsOnTheCallsOwnStreamAndTheAnswerEndsIt) {
  begin("2025-11-25", kAll);
  auto own = listen(session);
  questions = {{Question::form("sure", "Sure?", R"({"type":"object","properties":{}})")}};
  auto stream = call();
  ASSERT_EQ(stream->data().size(), 1u);
  EXPECT_EQ(stream->data()[0],
            R"({"jsonrpc":"2.0","id":"srv-1","method":"elicitation/create","params":)"
            R"({"message":"Sure?","requestedSchema":{"type":"object","properties":{}}}})");
  EXPECT_FALSE(stream->ended());
  answer("srv-1", R"({"action":"accept","content":{"ok":true}})");
  ASSERT_EQ(stream->data().size(), 2u);
  EXPECT_EQ(stream->data()[1],
            R"({"jsonrpc":"2.0","id":5,"result":{"content":[{"type":"text","text":"done"}]}})");
  EXPECT_TRUE(stream->ended());
  EXPECT_TRUE(own->data().empty()) << "nothing on the session's stream";
  EXPECT_EQ(states, (std::vector<std::string>{"", "state 1"}));
}

TEST_F(McpAsk, EveryKindOfQuestionIsAskedAndItsAnswerRead) {
  begin("2025-11-25", kAll);
  hook = [&](ToolReply& reply) -> std::unique_ptr<mcp::ToolRun> {
    const mcp::Answers& answers = reply.answers();
    if (answers.empty()) {
      reply.ask({Question::form("form", "m", "{}"),
                 Question::url("page", "m", "https://x.example/", "e-1"),
                 Question::sample("model", "Hi?", 10), Question::roots("roots")});
      return nullptr;
    }
    EXPECT_TRUE(answers.elicited("form")->accepted());
    EXPECT_EQ(answers.elicited("form")->content_json, R"({"a":1})");
    EXPECT_EQ(answers.elicited("page")->action, mcp::Elicited::Action::decline);
    EXPECT_EQ(answers.sampled("model")->text, "Hello");
    EXPECT_EQ(answers.sampled("model")->model, "m-1");
    EXPECT_EQ(answers.roots("roots")->at(0).uri, "file:///x");
    EXPECT_EQ(answers.elicited("model"), nullptr) << "of another kind";
    EXPECT_EQ(answers.roots("nothing"), nullptr);
    reply.elicitation_complete("e-1");
    reply.succeed({});
    return nullptr;
  };
  auto stream = call();
  ASSERT_EQ(stream->data().size(), 4u);
  EXPECT_TRUE(test::contains(stream->data()[1],
                             R"("params":{"mode":"url","message":"m","url":"https://x.example/",)"
                             R"("elicitationId":"e-1"})"));
  EXPECT_TRUE(test::contains(stream->data()[2],
                             R"("method":"sampling/createMessage","params":{"messages":[{"role":)"
                             R"("user","content":{"type":"text","text":"Hi?"}}],"maxTokens":10})"));
  EXPECT_TRUE(test::contains(stream->data()[3], R"("id":"srv-4","method":"roots/list"})"));
  answer("srv-4", R"({"roots":[{"uri":"file:///x","name":"X"}]})");
  answer("srv-2", R"({"action":"decline"})");
  answer("srv-3", R"({"role":"assistant","model":"m-1","content":{"type":"text","text":"Hello"}})");
  EXPECT_EQ(rounds, 1) << "one is open";
  answer("srv-1", R"({"action":"accept","content":{"a":1}})");
  EXPECT_EQ(rounds, 2);
  ASSERT_EQ(stream->data().size(), 6u);
  EXPECT_EQ(stream->data()[4], R"({"jsonrpc":"2.0","method":"notifications/elicitation/complete",)"
                               R"("params":{"elicitationId":"e-1"}})");
}

TEST_F(McpAsk, RoundsFollowEachOtherWithTheSameArguments) {
  begin("2025-06-18", R"({"elicitation":{}})");
  questions = {{Question::form("a", "1", "{}")}, {Question::form("b", "2", "{}")}};
  auto stream = call({}, R"({"name":"test.slow","arguments":{"text":"the \"same\""}})");
  answer("srv-1", R"({"action":"cancel"})");
  answer("srv-2", R"({"action":"decline"})");
  EXPECT_EQ(stream->data().size(), 3u);
  EXPECT_EQ(slow->texts, (std::vector<std::string>(3, "the \"same\"")));
  EXPECT_EQ(states, (std::vector<std::string>{"", "state 1", "state 2"}));
}

TEST_F(McpAsk, NothingIsAskedThatTheClientDidNotDeclare) {
  struct Case {
    const char *version, *capabilities;
    bool form, url, sampling, roots;
  };
  const Case cases[] = {
      {"2025-11-25", "{}", false, false, false, false},
      {"2025-11-25", R"({"elicitation":{}})", true, false, false, false},
      {"2025-11-25", R"({"elicitation":{"url":{}}})", false, true, false, false},
      {"2025-11-25", R"({"elicitation":{"form":{},"url":{}}})", true, true, false, false},
      {"2025-11-25", R"({"sampling":{},"roots":{"listChanged":true}})", false, false, true, true},
      {"2025-06-18", R"({"elicitation":{"url":{}}})", true, false, false, false},
      {"2025-03-26", R"({"elicitation":{},"sampling":{}})", false, false, true, false},
  };
  for (const Case& c : cases) {
    begin(c.version, c.capabilities);
    const std::pair<Question, bool> all[] = {{Question::form("k", "m", "{}"), c.form},
                                             {Question::url("k", "m", "u:", "i"), c.url},
                                             {Question::sample("k", "p", 1), c.sampling},
                                             {Question::roots("k"), c.roots}};
    for (const auto& [question, able] : all) {
      hook = [q = question](ToolReply& reply) -> std::unique_ptr<mcp::ToolRun> {
        reply.ask({q});
        return nullptr;
      };
      auto stream = call();
      if (able) {
        EXPECT_EQ(stream->data().size(), 1u) << c.capabilities << question.method();
      } else {
        EXPECT_TRUE(test::contains(json(*stream), R"("isError":true)")) << c.capabilities;
        EXPECT_TRUE(test::contains(json(*stream), question.method())) << json(*stream);
      }
    }
    ask_http("DELETE", in(session));
  }
}

TEST_F(McpAsk, ARefusalAWrongShapeOrNoAnswerEndTheCallWithAToolError) {
  begin("2025-11-25", kAll);
  const std::string error =
      R"({"jsonrpc":"2.0","id":"srv-1","error":{"code":-1,"message":"no way"}})";
  questions = {{Question::form("a", "1", "{}")}};
  auto refused = call();
  EXPECT_EQ(post(error, in(session)).status, 202);
  ASSERT_EQ(refused->data().size(), 2u);
  EXPECT_TRUE(test::contains(refused->data()[1], "the client refused elicitation/create: no way"));
  EXPECT_TRUE(test::contains(refused->data()[1], R"("isError":true)"));

  rounds = 0;
  auto wrong = call();
  answer("srv-2", R"({"action":"maybe"})");
  EXPECT_TRUE(test::contains(wrong->data().back(), "does not have the required form"));

  rounds = 0;
  auto silent = call();
  pass(mcp::kAskTime);
  ASSERT_EQ(silent->data().size(), 3u);
  EXPECT_TRUE(test::contains(silent->data()[1], R"("method":"notifications/cancelled","params":)"
                                                R"({"requestId":"srv-3")"));
  EXPECT_TRUE(test::contains(silent->data()[2], "did not answer within 10 minutes"));
  EXPECT_TRUE(silent->ended());
}

TEST_F(McpAsk, AnswersToNothingAndSecondAnswersAreAcceptedAndIgnored) {
  begin("2025-11-25", kAll);
  answer("srv-1", "{}");
  answer("nobody", R"({"action":"accept"})");
  questions = {{Question::form("a", "1", "{}"), Question::roots("b")}};
  auto stream = call();
  answer("srv-1", R"({"action":"accept"})");
  answer("srv-1", R"({"action":"maybe"})");
  EXPECT_EQ(rounds, 1);
  answer("srv-2", R"({"roots":[]})");
  EXPECT_EQ(rounds, 2);
  EXPECT_TRUE(stream->ended());
}

TEST_F(McpAsk, AnotherSessionCannotAnswer) {
  begin("2025-11-25", kAll);
  const std::string asked = session;
  questions = {{Question::form("a", "1", "{}")}};
  auto stream = call();
  begin("2025-11-25", kAll);
  answer("srv-1", R"({"action":"accept"})");
  EXPECT_EQ(rounds, 1);
  session = asked;
  answer("srv-1", R"({"action":"accept"})");
  EXPECT_EQ(rounds, 2);
}

TEST_F(McpAsk, CancellingTheCallTakesTheQuestionBack) {
  begin("2025-11-25", kAll);
  questions = {{Question::form("a", "1", "{}")}};
  auto stream = call();
  post(notification("notifications/cancelled", R"({"requestId":5})"), in(session));
  ASSERT_EQ(stream->data().size(), 2u);
  EXPECT_TRUE(test::contains(stream->data()[1], R"("requestId":"srv-1")"));
  EXPECT_TRUE(stream->ended()) << "no response";
  answer("srv-1", R"({"action":"accept"})");
  EXPECT_EQ(rounds, 1);
  EXPECT_EQ(endpoint->stats().calls, 0u);
}

TEST_F(McpAsk, TheEndOfTheSessionAnswersACallThatAsks) {
  begin("2025-11-25", kAll);
  questions = {{Question::form("a", "1", "{}")}};
  auto stream = call();
  ask_http("DELETE", in(session));
  EXPECT_TRUE(test::contains(stream->data().back(), R"("id":5,"error")"));
  EXPECT_TRUE(stream->ended());
}

TEST_F(McpAsk, AClientThatTakesOnlyJsonIsAskedOnItsOwnStreamIfThereIsOne) {
  begin("2025-11-25", kAll);
  questions = {{Question::form("a", "1", "{}")}};
  auto alone = call("Accept: application/json\r\n");
  EXPECT_TRUE(test::contains(json(*alone), "accepts no event stream, and none is open"));
  rounds = 0;
  auto own = listen(session);
  auto stream = call("Accept: application/json\r\n");
  ASSERT_EQ(own->data().size(), 1u);
  answer("srv-2", R"({"action":"accept"})");
  EXPECT_TRUE(test::contains(json(*stream), "\"done\"")) << json(*stream);
  EXPECT_EQ(stream->head().header("Content-Type"), "application/json");
}

TEST_F(McpAsk, AQuestionIsNotLostWhenItsConnectionBreaks) {
  begin("2025-11-25", kAll);
  questions = {{Question::form("a", "1", "{}")}};
  auto stream = call();
  stream->peer->close();
  settle();
  auto again = listen(session, returning(session, "p1_0"));
  ASSERT_EQ(again->data().size(), 1u);
  answer("srv-1", R"({"action":"accept"})");
  EXPECT_EQ(again->data().size(), 2u);
}

TEST_F(McpAsk, ABatchOfTheOldestRevisionAsksOnItsStream) {
  begin("2025-03-26", R"({"sampling":{}})");
  questions = {{Question::sample("a", "p", 1)}};
  auto stream = std::make_unique<EventStream>();
  stream->peer = post_later(
      "[" + rpc("ping", "{}", "1") + "," + rpc("tools/call", R"({"name":"test.slow"})", "2") + "]",
      in(session));
  ASSERT_EQ(stream->data().size(), 2u) << "the answer that was there goes out, too";
  EXPECT_EQ(stream->data()[0], R"({"jsonrpc":"2.0","id":1,"result":{}})");
  EXPECT_EQ(post(R"([{"jsonrpc":"2.0","id":"srv-1","result":{"role":"assistant","model":"m",)"
                 R"("content":{"type":"text","text":"x"}}}])",
                 in(session))
                .status,
            202)
      << "a batch of responses";
  EXPECT_EQ(stream->data().size(), 3u);
  EXPECT_TRUE(stream->ended());
}

// ---- progress and logs

TEST_F(McpAsk, A15ProgressOnlyWithATokenAndOnlyForward) {
  begin("2025-11-25", kAll);
  mcp::ToolReply* reply = nullptr;
  struct Idle final : mcp::ToolRun {};
  hook = [&](ToolReply& to) {
    reply = &to;
    return std::make_unique<Idle>();
  };
  auto with = call({}, R"({"name":"test.slow","_meta":{"progressToken":7}})");
  EXPECT_TRUE(reply->wants_progress());
  const auto step = [&](mcp::Progress progress) {
    reply->progress(progress);
    pass(base::milliseconds(50));
  };
  step({0, 100, "begun"});
  step({50, 100});
  step({50, 100});
  step({20, 100});
  step({99.5, 0});
  ASSERT_EQ(with->data().size(), 3u);
  EXPECT_EQ(with->data()[0], R"({"jsonrpc":"2.0","method":"notifications/progress","params":)"
                             R"({"progressToken":7,"progress":0,"total":100,"message":"begun"}})");
  for (double d = 100; d < 130; ++d)
    reply->progress({d});
  settle();
  EXPECT_EQ(with->data().size(), 4u) << "no faster than kProgressPace";
  reply->succeed({});
  reply->progress({1000});  // comes too late, in the turn in which the call still lives
  settle();
  EXPECT_EQ(with->data().size(), 5u) << "the answer is the last";
  begin("2025-03-26", "{}");
  auto old = call({}, R"({"name":"test.slow","_meta":{"progressToken":"t"}})");
  step({1, 2, "half"});
  ASSERT_EQ(old->data().size(), 1u);
  EXPECT_TRUE(test::contains(old->data()[0], R"("message":"half")")) << "since 2025-03-26";
  reply->succeed({});
  settle();
  auto without = call();
  EXPECT_FALSE(reply->wants_progress());
  step({1});
  reply->succeed({});
  settle();
  without->read();
  EXPECT_EQ(without->head().header("Content-Type"), "application/json");
}

TEST_F(McpAsk, A15LogsOfACallAreOnItsStreamAtTheClientsLevel) {
  begin("2025-11-25", kAll);
  mcp::ToolReply* reply = nullptr;
  struct Idle final : mcp::ToolRun {};
  hook = [&](ToolReply& to) {
    reply = &to;
    return std::make_unique<Idle>();
  };
  auto stream = call();
  reply->log(mcp::LogLevel::info, "\"quiet\"");
  settle();
  EXPECT_EQ(stream->raw, "");
  post(rpc("logging/setLevel", R"({"level":"info"})"), in(session));
  reply->log(mcp::LogLevel::info, R"({"n":1})");
  settle();
  ASSERT_EQ(stream->data().size(), 1u);
  EXPECT_EQ(stream->data()[0],
            R"({"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info",)"
            R"("logger":"k0rdent-mcp-server","data":{"n":1}}})");
  reply->succeed({});
  settle();
  auto own = listen(session);
  auto json_only = call("Accept: application/json\r\n");
  reply->log(mcp::LogLevel::error, "2");
  settle();
  EXPECT_EQ(own->data().size(), 1u) << "there is no other place for it";
  reply->succeed({});
  settle();
}

}  // namespace
