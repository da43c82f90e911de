// The methods of a session, their errors, cancellation and batches (tables A1, A5, A10, A11, A13,
// A14, A15, A19).
#include <algorithm>

#include <gtest/gtest.h>

#include "mcp/legacy/session.h"
#include "support/mcp_world.h"

namespace {

using test::Answer;

struct McpMethod : test::McpWorld {
  McpMethod() : session(open()) {}
  Answer ask(std::string_view method, std::string_view params = "{}") {
    return post(rpc(method, params, "\"q\""), in(session));
  }
  std::string result(std::string_view method, std::string_view params = "{}") {
    const Answer a = ask(method, params);
    EXPECT_EQ(a.status, 200);
    constexpr std::string_view kHead = R"({"jsonrpc":"2.0","id":"q","result":)";
    EXPECT_EQ(a.body.substr(0, kHead.size()), kHead) << a.body;
    return a.body.substr(kHead.size(), a.body.size() - kHead.size() - 1);
  }
  // The error's code, with status 200 and the id echoed.
  std::int64_t error(std::string_view method, std::string_view params = "{}") {
    const Answer a = ask(method, params);
    EXPECT_EQ(a.status, 200);
    base::json::Document doc;
    const auto v = doc.parse(a.body);
    EXPECT_EQ((*v)["id"].str(), "q") << a.body;
    message = (*v)["error"]["message"].str();
    data = (*v)["error"]["data"].to_json();
    return (*v)["error"]["code"].int_or(0);
  }
  std::string session, message, data;
};

TEST_F(McpMethod, A10PingAndLists) {
  EXPECT_EQ(result("ping"), "{}");
  EXPECT_EQ(result("resources/list"), R"({"resources":[]})");
  EXPECT_EQ(result("tools/list"), *registry.page(mcp::List::tools, mcp::Version::v2025_11_25, ""));
  EXPECT_EQ(result("tools/list", ""),
            *registry.page(mcp::List::tools, mcp::Version::v2025_11_25, ""));
  EXPECT_EQ(result("resources/templates/list"),
            *registry.page(mcp::List::templates, mcp::Version::v2025_11_25, ""));
}

TEST_F(McpMethod, AListShowsTheSessionsRevision) {
  session = open("2025-03-26");
  EXPECT_EQ(result("tools/list"), *registry.page(mcp::List::tools, mcp::Version::v2025_03_26, ""));
}

TEST_F(McpMethod, B3RequestsAreServedBeforeInitialized) {
  EXPECT_EQ(result("ping"), "{}");
  EXPECT_EQ(post(notification("notifications/initialized"), in(session)).status, 202);
  EXPECT_EQ(result("ping"), "{}");
}

TEST_F(McpMethod, A10WhatIsNotDeclaredIsMethodNotFoundWith200) {
  for (const char* method :
       {"prompts/list", "prompts/get", "completion/complete", "tasks/list", "roots/list",
        "nobody/knows", "", "tools/List", "notifications/cancelled"}) {
    EXPECT_EQ(error(method), -32601) << method;
  }
}

TEST_F(McpMethod, A11NotificationsAndResponsesAre202Empty) {
  for (const std::string& body :
       {notification("notifications/initialized"), notification("notifications/roots/list_changed"),
        notification("nobody/knows"), notification("notifications/cancelled"),
        notification("notifications/cancelled", R"({"requestId":{}})"),
        notification("notifications/progress", "[]"),
        std::string(R"({"jsonrpc":"2.0","id":1,"result":{}})"),
        std::string(R"({"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"x"}})")}) {
    const Answer a = post(body, in(session));
    EXPECT_EQ(a.status, 202) << body;
    EXPECT_EQ(a.body, "");
  }
}

TEST_F(McpMethod, A15ACursorThatWasNotGivenHereIsRefused) {
  for (const char* method : {"tools/list", "resources/list", "resources/templates/list"}) {
    EXPECT_EQ(error(method, R"({"cursor":"abc"})"), -32602) << method;
  }
}

TEST_F(McpMethod, A19ParamsOfTheWrongShapeAreInvalidParams) {
  for (const char* method :
       {"ping", "tools/list", "tools/call", "resources/read", "logging/setLevel"}) {
    EXPECT_EQ(error(method, "[]"), -32602) << method;
    EXPECT_EQ(error(method, "7"), -32602) << method;
  }
  EXPECT_EQ(error("tools/call"), -32602);
  EXPECT_EQ(error("tools/call", R"({"name":7})"), -32602);
  EXPECT_EQ(error("tools/call", ""), -32602);
  for (const char* method : {"resources/read", "resources/subscribe", "resources/unsubscribe"}) {
    EXPECT_EQ(error(method), -32602) << method;
    EXPECT_EQ(error(method, R"({"uri":7})"), -32602) << method;
    EXPECT_EQ(error(method, R"({"uri":"test://)" + std::string(3000, 'x') + "\"}"), -32602)
        << method;
  }
}

// Refused; clients whose JSON library writes what is not there as null could do nothing.
TEST_F(McpMethod, NullForParamsOrArgumentsIsNone) {
  EXPECT_EQ(result("ping", "null"), "{}");
  EXPECT_EQ(error("tools/call", "null"), -32602) << "a name is needed";
  EXPECT_TRUE(ask("tools/call", R"({"name":"test.echo","arguments":null})")
                  .has("missing required argument 'text'"));
}

// ---- A13: tools

TEST_F(McpMethod, A13ACallGivesStructuredContentAndItsText) {
  EXPECT_EQ(
      result("tools/call", R"({"name":"test.echo","arguments":{"text":"hi"}})"),
      R"({"content":[{"type":"text","text":"{\"text\":\"hi\"}"}],"structuredContent":{"text":"hi"}})");
  session = open("2025-03-26");
  EXPECT_EQ(result("tools/call", R"({"name":"test.echo","arguments":{"text":"hi"}})"),
            R"({"content":[{"type":"text","text":"{\"text\":\"hi\"}"}]})")
      << "unknown to that revision";
}

TEST_F(McpMethod, A13AToolMayAnswerInsideStartAndGiveNoRun) {
  EXPECT_EQ(result("tools/call", R"({"name":"test.echo","arguments":{"text":"none"}})"),
            R"({"content":[{"type":"text","text":"{}"}],"structuredContent":{}})");
  EXPECT_TRUE(echo->runs.empty());
}

TEST_F(McpMethod, A13AnUnknownToolIsInvalidParamsWithTheNearestName) {
  EXPECT_EQ(error("tools/call", R"({"name":"test.eco"})"), -32602);
  EXPECT_EQ(message, "Unknown tool: test.eco; did you mean test.echo?");
  EXPECT_EQ(error("tools/call", R"({"name":"zzz"})"), -32602);
  EXPECT_EQ(message, "Unknown tool: zzz");
}

TEST_F(McpMethod, BadArgumentsAreAToolErrorInEveryRevision) {
  for (const char* version : {"2025-03-26", "2025-06-18", "2025-11-25"}) {
    session = open(version);
    EXPECT_EQ(
        result("tools/call", R"({"name":"test.echo","arguments":{"text":"x","limit":"ten"}})"),
        R"({"content":[{"type":"text","text":"'limit' must be an integer of at least 1, got the string \"ten\""}],"isError":true})");
    EXPECT_TRUE(
        ask("tools/call", R"({"name":"test.echo","arguments":[]})").has("\"isError\":true"));
    EXPECT_TRUE(
        ask("tools/call", R"({"name":"test.echo"})").has("missing required argument 'text'"));
  }
  EXPECT_TRUE(echo->texts.empty()) << "the tool never ran";
}

TEST_F(McpMethod, A13AFailureIsAToolErrorThatTheModelSees) {
  EXPECT_EQ(result("tools/call", R"({"name":"test.echo","arguments":{"text":"fail"}})"),
            R"({"content":[{"type":"text","text":"it failed"}],"isError":true})");
}

TEST_F(McpMethod, CallsRunConcurrentlyAndEachAnswersItsOwnPost) {
  auto one = post_later(rpc("tools/call", R"({"name":"test.slow"})", "1"), in(session));
  auto two = post_later(rpc("tools/call", R"({"name":"test.slow"})", "1"), in(session));
  ASSERT_EQ(slow->runs.size(), 2u);
  EXPECT_EQ(endpoint->stats().calls, 2u);
  EXPECT_EQ(result("ping"), "{}") << "meanwhile";
  slow->runs[1]->reply.succeed(R"({"n":2})");
  settle();
  EXPECT_EQ(answer_of(*one).status, 0);
  EXPECT_TRUE(answer_of(*two).has(R"({"n":2})"));
  slow->runs[0]->reply.succeed(R"({"n":1})");
  settle();
  EXPECT_TRUE(answer_of(*one).has(R"({"n":1})"));
  EXPECT_TRUE(slow->runs.empty());
  EXPECT_EQ(endpoint->stats().calls, 0u);
}

TEST_F(McpMethod, ASlowAnswerAsAnEventStaysOnOneLine) {
  auto call = post_later(rpc("tools/call", R"({"name":"test.slow"})", "1"),
                         in(session) + "Accept: text/event-stream\r\n");
  slow->runs.at(0)->reply.succeed("{\n \"a\": 1\n}");
  settle();
  const Answer a = answer_of(*call);
  EXPECT_EQ(a.header("Content-Type"), "text/event-stream");
  EXPECT_EQ(std::count(a.body.begin(), a.body.end(), '\n'), 3) << a.body;
}

TEST_F(McpMethod, AClientThatLeavesDoesNotStopItsCall) {
  auto call = post_later(rpc("tools/call", R"({"name":"test.slow"})", "1"), in(session));
  call->close();
  settle();
  ASSERT_EQ(slow->runs.size(), 1u);
  slow->runs[0]->reply.succeed("{}");
  settle();
  EXPECT_TRUE(slow->runs.empty());
  EXPECT_EQ(result("ping"), "{}");
}

TEST_F(McpMethod, ASecondReplyOfARunIsIgnored) {
  auto call = post_later(rpc("tools/call", R"({"name":"test.slow"})", "1"), in(session));
  const test::TestTool::Reply reply = slow->runs.at(0)->reply;
  reply.succeed("{}");
  reply.fail("too late");
  settle();
  EXPECT_TRUE(answer_of(*call).has("structuredContent"));
  EXPECT_EQ(endpoint->stats().calls, 0u);
}

TEST_F(McpMethod, ASessionHasABoundedNumberOfCalls) {
  std::vector<std::unique_ptr<test::Peer>> calls;
  for (std::size_t i = 0; i < mcp::legacy::kCallsPerSession; ++i) {
    auto peer = connect();
    peer->send(request("POST", in(session), rpc("tools/call", R"({"name":"test.slow"})")));
    calls.push_back(std::move(peer));
  }
  settle();
  ASSERT_EQ(slow->runs.size(), mcp::legacy::kCallsPerSession);
  const Answer full = post(rpc("tools/call", R"({"name":"test.slow"})"), in(session));
  EXPECT_EQ(full.status, 429);
  EXPECT_EQ(full.header("Retry-After"), "5");
  EXPECT_TRUE(full.has("-32603") && full.has("too many calls in progress")) << full.body;
  EXPECT_EQ(result("ping"), "{}");
}

// ---- A15.8: cancellation

TEST_F(McpMethod, A15CancelStopsTheRunAndThePostEndsWithoutAnAnswer) {
  auto call = post_later(rpc("tools/call", R"({"name":"test.slow"})", "41"), in(session));
  auto other = post_later(rpc("tools/call", R"({"name":"test.slow"})", "\"41\""), in(session));
  const Answer a = post(notification("notifications/cancelled", R"({"requestId":41,"reason":"x"})"),
                        in(session));
  EXPECT_EQ(a.status, 202);
  EXPECT_EQ(slow->runs.size(), 1u) << "\"41\" is another id";
  EXPECT_EQ(answer_of(*call).status, 202);
  EXPECT_EQ(answer_of(*call).body, "");
  EXPECT_EQ(answer_of(*other).status, 0);
}

TEST_F(McpMethod, A15CancelTouchesOnlyItsOwnSession) {
  auto call = post_later(rpc("tools/call", R"({"name":"test.slow"})", "41"), in(session));
  post(notification("notifications/cancelled", R"({"requestId":41})"), in(open()));
  EXPECT_EQ(slow->runs.size(), 1u);
  post(notification("notifications/cancelled", R"({"requestId":42})"), in(session));
  EXPECT_EQ(slow->runs.size(), 1u) << "unknown ids are ignored";
}

// ---- A14: resources

TEST_F(McpMethod, A14ReadGivesTheContentUnderTheUriThatWasAsked) {
  EXPECT_EQ(
      result("resources/read", R"({"uri":"test://a?b"})"),
      R"({"contents":[{"uri":"test://a?b","mimeType":"text/plain","text":"content\nof \"it\""}]})");
}

TEST_F(McpMethod, A14UnknownResourcesAreNotFoundWithTheirUri) {
  EXPECT_EQ(error("resources/read", R"({"uri":"other://x"})"), -32002);
  EXPECT_EQ(data, R"({"uri":"other://x"})");
  EXPECT_EQ(error("resources/subscribe", R"({"uri":"other://x"})"), -32002);
  EXPECT_EQ(data, R"({"uri":"other://x"})");
  EXPECT_EQ(error("resources/read", R"({"uri":"test://none"})"), -32002);
  EXPECT_EQ(message, "no such thing");
  EXPECT_EQ(data, R"({"uri":"test://none"})");
}

TEST_F(McpMethod, ASlowReadCanBeCancelled) {
  family->slow_reads = true;
  auto call = post_later(rpc("resources/read", R"({"uri":"test://a"})", "8"), in(session));
  ASSERT_EQ(family->reads.size(), 1u);
  post(notification("notifications/cancelled", R"({"requestId":8})"), in(session));
  EXPECT_TRUE(family->reads.empty());
  EXPECT_EQ(answer_of(*call).status, 202);
}

// ---- A15.11: logging

TEST_F(McpMethod, A15LogLevelsAreTakenOrRefused) {
  for (const char* level :
       {"debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"}) {
    EXPECT_EQ(result("logging/setLevel", R"({"level":")" + std::string(level) + "\"}"), "{}");
  }
  for (const char* params :
       {"{}", R"({"level":"loud"})", R"({"level":"Warning"})", R"({"level":3})"}) {
    EXPECT_EQ(error("logging/setLevel", params), -32602) << params;
  }
  EXPECT_TRUE(test::contains(message, "emergency")) << message;
}

// ---- A1.6: batches

struct McpBatch : McpMethod {
  McpBatch() { session = open("2025-03-26"); }
  Answer batch(std::string_view text, std::string_view headers = {}) {
    return post(text, in(session) + std::string(headers));
  }
};

TEST_F(McpBatch, A1IsAnsweredByAnArrayWithOneResponsePerRequest) {
  const Answer a = batch("[" + rpc("ping", "{}", "1") + "," + notification("notifications/x") +
                         "," + rpc("nobody/knows", "{}", "\"two\"") + "]");
  EXPECT_EQ(a.status, 200);
  EXPECT_EQ(a.body, R"([{"jsonrpc":"2.0","id":1,"result":{}},{"jsonrpc":"2.0","id":"two","error":)"
                    R"({"code":-32601,"message":"Method not found: nobody/knows"}}])");
}

TEST_F(McpBatch, A1AsEventsEachResponseIsItsOwn) {
  const Answer a = batch("[" + rpc("ping", "{}", "1") + "," + rpc("ping", "{}", "2") + "]",
                         "Accept: text/event-stream\r\n");
  EXPECT_EQ(a.body,
            "event: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n\n"
            "event: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{}}\n\n");
}

TEST_F(McpBatch, A1OfNotificationsAndResponsesOnlyIs202) {
  const Answer a =
      batch("[" + notification("notifications/x") + R"(,{"jsonrpc":"2.0","id":1,"result":{}}])");
  EXPECT_EQ(a.status, 202);
  EXPECT_EQ(a.body, "");
}

TEST_F(McpBatch, A1WaitsForItsLastRequest) {
  auto peer = post_later(
      "[" + rpc("tools/call", R"({"name":"test.slow"})", "1") + "," + rpc("ping", "{}", "2") + "]",
      in(session));
  EXPECT_EQ(answer_of(*peer).status, 0);
  slow->runs.at(0)->reply.succeed("{}");
  settle();
  EXPECT_TRUE(answer_of(*peer).body.starts_with(R"([{"jsonrpc":"2.0","id":1)"));
  EXPECT_TRUE(answer_of(*peer).has("\"id\":2"));
}

TEST_F(McpBatch, A1RefusesWhatIsNoBatch) {
  for (const std::string& body :
       {std::string("[]"), "[" + rpc("ping") + "," + rpc("initialize") + "]"}) {
    const Answer a = batch(body);
    EXPECT_EQ(a.status, 400) << body;
  }
  std::string many = "[1";
  for (int i = 0; i < 100; ++i)
    many += ",1";
  EXPECT_TRUE(batch(many + "]").has("a batch holds 1 to 100 messages, got 101"));
}

TEST_F(McpBatch, A1AnInvalidElementIsAnsweredInItsPlace) {
  const Answer a = batch("[" + rpc("ping") + ",7,{\"jsonrpc\":\"2.0\",\"id\":9}]");
  EXPECT_EQ(a.status, 200);
  EXPECT_TRUE(a.has(R"({"jsonrpc":"2.0","error":{"code":-32600)")) << a.body;
  EXPECT_TRUE(a.has(R"({"jsonrpc":"2.0","id":9,"error":{"code":-32600)")) << a.body;
}

TEST_F(McpBatch, A1IsForThatRevisionOnlyAndNeedsASession) {
  for (const char* version : {"2025-06-18", "2025-11-25"}) {
    const Answer a = post("[" + rpc("ping") + "]", in(open(version)));
    EXPECT_EQ(a.status, 400) << version;
    EXPECT_TRUE(a.has("-32600"));
    EXPECT_FALSE(a.has("\"id\""));
  }
  EXPECT_EQ(post("[" + rpc("ping") + "]").status, 400);
  EXPECT_EQ(post("[" + rpc("ping") + "]", in("x")).status, 404);
}

TEST_F(McpBatch, CancelledRequestsLeaveTheirPlaceEmpty) {
  auto peer = post_later(
      "[" + rpc("tools/call", R"({"name":"test.slow"})", "1") + "," + rpc("ping", "{}", "2") + "]",
      in(session));
  post(notification("notifications/cancelled", R"({"requestId":1})"), in(session));
  EXPECT_EQ(answer_of(*peer).body, R"([{"jsonrpc":"2.0","id":2,"result":{}}])");
}

}  // namespace
