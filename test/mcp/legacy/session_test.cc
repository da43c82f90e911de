// Sessions: made by initialize, found by id, evicted, expired, ended; and their event streams
// (tables A3, A6, A7).
#include <gtest/gtest.h>

#include "mcp/legacy/session_table.h"
#include "support/mcp_world.h"

namespace {

using base::minutes;
using base::seconds;
using test::Answer;

struct McpSession : test::McpWorld {
  void with(std::size_t max_sessions, base::Duration idle = base::hours(1)) {
    mcp::shared::Options options;
    options.max_sessions = max_sessions;
    options.session_idle = idle;
    restart(options);
  }
  bool alive(const std::string& session) { return post(rpc("ping"), in(session)).status == 200; }
};

TEST_F(McpSession, InitializeSaysExactlyWhatIsImplemented) {
  const Answer a = post(rpc("initialize", R"({"protocolVersion":"2025-11-25"})", "\"i\""));
  EXPECT_EQ(
      a.body,
      R"({"jsonrpc":"2.0","id":"i","result":{"protocolVersion":"2025-11-25","capabilities":)"
      R"({"logging":{},"resources":{"listChanged":true,"subscribe":true},"tools":{"listChanged":true}},)"
      R"("serverInfo":{"name":)"
      R"("k0rdent-mcp-server","title":"k0rdent MCP","version":"1.2.3"},"instructions":"Be kind."}})");
  const Answer old = post(rpc("initialize", R"({"protocolVersion":"2025-03-26"})"));
  EXPECT_FALSE(old.has("\"title\"")) << "unknown to that revision";
}

TEST_F(McpSession, A7VersionsAreEchoedOrAnsweredWithTheNewestLegacyOne) {
  const auto negotiated = [&](const std::string& asked) {
    const Answer a = post(rpc("initialize", R"({"protocolVersion":")" + asked + "\"}"));
    EXPECT_EQ(a.status, 200);
    base::json::Document doc;
    const auto v = doc.parse(a.body);
    return std::string((*v)["result"]["protocolVersion"].str());
  };
  for (const char* version : {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"}) {
    EXPECT_EQ(negotiated(version), version);
  }
  for (const char* version : {"2026-07-28", "2024-10-07", "2099-01-01", "junk", ""}) {
    EXPECT_EQ(negotiated(version), "2025-11-25") << version;
  }
}

TEST_F(McpSession, InitializeWithoutAVersionIsInvalidParams) {
  for (const char* params : {"{}", R"({"protocolVersion":7})", "", "[]", "\"x\""}) {
    const Answer a = post(rpc("initialize", params));
    EXPECT_EQ(a.status, 200) << params;
    EXPECT_TRUE(a.has("-32602")) << a.body;
    EXPECT_EQ(a.header("Mcp-Session-Id"), "");
  }
  EXPECT_EQ(sessions(), 0u);
}

TEST_F(McpSession, A6TheIdIs128BitsInHexOnInitializeOnly) {
  const std::string one = open(), two = open();
  EXPECT_EQ(one.size(), 32u);
  EXPECT_EQ(one.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_NE(one, two);
  EXPECT_EQ(post(rpc("ping"), in(one)).header("Mcp-Session-Id"), "");
}

TEST_F(McpSession, A6AMissingIdIs400AnUnknownOne404) {
  for (const std::string& body :
       {rpc("ping"), rpc("nobody/knows"), notification("notifications/initialized"),
        std::string(R"({"jsonrpc":"2.0","id":1,"result":{}})")}) {
    const Answer missing = post(body);
    EXPECT_EQ(missing.status, 400) << body;
    EXPECT_TRUE(missing.has("-32600"));
    EXPECT_FALSE(missing.has("\"id\"")) << missing.body;
    const Answer unknown = post(body, in("feedfeedfeedfeedfeedfeedfeedfeed"));
    EXPECT_EQ(unknown.status, 404) << body;
    EXPECT_TRUE(unknown.has("-32001")) << unknown.body;
  }
  EXPECT_EQ(ask_http("GET", {}).status, 400);
  EXPECT_EQ(ask_http("DELETE", {}).status, 400);
  EXPECT_EQ(ask_http("GET", in("x")).status, 404);
  EXPECT_EQ(ask_http("DELETE", in("x")).status, 404);
}

TEST_F(McpSession, DeleteIs204AndTheIdIsGone) {
  const std::string session = open();
  auto stream = listen(session);
  subscribe(session, "test://a");
  ASSERT_EQ(family->feeds.size(), 1u);
  const Answer gone = ask_http("DELETE", in(session));
  EXPECT_EQ(gone.status, 204);
  EXPECT_TRUE(family->feeds.empty()) << "at once";
  settle();
  EXPECT_TRUE(stream->ended()) << "cleanly";
  EXPECT_FALSE(alive(session));
  EXPECT_EQ(ask_http("DELETE", in(session)).status, 404);
  EXPECT_EQ(sessions(), 0u);
}

TEST_F(McpSession, DeleteAnswersCallsUnderWay) {
  const std::string session = open();
  auto call = post_later(rpc("tools/call", R"({"name":"test.slow"})", "5"), in(session));
  ask_http("DELETE", in(session));
  const Answer a = answer_of(*call);
  EXPECT_EQ(a.status, 200);
  EXPECT_TRUE(a.has("\"id\":5,\"error\"")) << a.body;
  EXPECT_TRUE(slow->runs.empty());
}

TEST_F(McpSession, ExpiresWithoutUseAndLivesByAnyRequest) {
  with(10, minutes(10));
  const std::string idle = open(), used = open();
  pass(minutes(6));
  EXPECT_EQ(post(notification("notifications/x"), in(used)).status, 202);
  pass(minutes(5));
  EXPECT_EQ(sessions(), 1u);
  EXPECT_FALSE(alive(idle));
  EXPECT_TRUE(alive(used));
  pass(minutes(9));
  EXPECT_TRUE(alive(used));
  pass(minutes(11));
  EXPECT_EQ(sessions(), 0u) << "its last use counts, not its first";
}

TEST_F(McpSession, AnOpenStreamOrCallKeepsItFromExpiring) {
  with(10, minutes(10));
  const std::string streaming = open(), calling = open();
  auto stream = listen(streaming);
  auto call = post_later(rpc("tools/call", R"({"name":"test.slow"})"), in(calling));
  pass(minutes(35));
  EXPECT_EQ(sessions(), 2u);
  stream->peer->close();
  slow->runs.at(0)->reply.succeed("{}");
  settle();
  pass(minutes(9));
  EXPECT_EQ(sessions(), 2u) << "idle since then only";
  pass(minutes(12));
  EXPECT_EQ(sessions(), 0u);
}

TEST_F(McpSession, AtTheCapTheNeverUsedGoFirstThenTheLeastRecentlyUsed) {
  with(3);
  const std::string first = open(), second = open(), third = open();
  EXPECT_TRUE(alive(first));
  EXPECT_TRUE(alive(second));
  const std::string fourth = open();  // third was never used
  EXPECT_TRUE(alive(first));
  EXPECT_TRUE(alive(fourth));
  EXPECT_FALSE(alive(third));
  const std::string fifth = open();  // second was used before first
  EXPECT_FALSE(alive(second));
  EXPECT_TRUE(alive(first));
  EXPECT_EQ(sessions(), 3u);
}

TEST_F(McpSession, ThoseWithAStreamOrACallAreNotEvicted) {
  with(2);
  const std::string streaming = open(), calling = open();
  auto stream = listen(streaming);
  auto call = post_later(rpc("tools/call", R"({"name":"test.slow"})"), in(calling));
  const Answer full = post(rpc("initialize", R"({"protocolVersion":"2025-11-25"})"));
  EXPECT_EQ(full.status, 503);
  EXPECT_EQ(full.header("Retry-After"), "5");
  EXPECT_EQ(full.header("Mcp-Session-Id"), "");
  slow->runs.at(0)->reply.succeed("{}");
  settle();
  EXPECT_EQ(open().size(), 32u) << "the call is over: its session can go";
  EXPECT_TRUE(alive(streaming));
  EXPECT_FALSE(alive(calling));
}

TEST_F(McpSession, AFloodOfInitializesStaysAtTheCapAndSparesTheUsed) {
  with(50);
  const std::string used = open();
  EXPECT_TRUE(alive(used));
  auto peer = connect();
  const std::string one =
      request("POST", {}, rpc("initialize", R"({"protocolVersion":"2025-11-25"})"));
  be_quiet();
  for (int i = 0; i < 8000; ++i) {
    peer->send(one);
    loop.run_once();
    if (i % 50 == 0) {
      settle(2);
      peer->read();
      peer->take();
    }
  }
  settle();
  EXPECT_EQ(sessions(), 50u);
  EXPECT_TRUE(alive(used));
}

// ---- A3: the stream

TEST_F(McpSession, A3AStreamBeginsWithACommentAndIsKeptAlive) {
  const std::string session = open();
  auto stream = listen(session);
  EXPECT_EQ(stream->head().status, 200);
  EXPECT_EQ(stream->head().header("Content-Type"), "text/event-stream");
  EXPECT_EQ(stream->head().header("Cache-Control"), "no-cache, no-transform");
  EXPECT_EQ(stream->comments(), "open");
  pass(mcp::shared::kKeepAlive);
  EXPECT_EQ(stream->comments(), "open,keep-alive");
  pass(mcp::shared::kKeepAlive);
  EXPECT_EQ(stream->comments(), "open,keep-alive,keep-alive");
  EXPECT_TRUE(stream->data().empty());
}

TEST_F(McpSession, EachStreamHasItsOwnPaceOfKeepAlives) {
  const std::string one = open(), two = open();
  auto first = listen(one);
  pass(seconds(10));
  auto second = listen(two);
  pass(seconds(5));
  EXPECT_EQ(first->comments(), "open,keep-alive");
  EXPECT_EQ(second->comments(), "open");
  pass(seconds(10));
  EXPECT_EQ(second->comments(), "open,keep-alive");
}

TEST_F(McpSession, AStreamWhoseClientLeavesIsForgotten) {
  const std::string session = open();
  auto stream = listen(session);
  EXPECT_EQ(endpoint->stats().streams, 1u);
  stream->peer->close();
  settle();
  EXPECT_EQ(endpoint->stats().streams, 0u);
  EXPECT_TRUE(alive(session));
  pass(minutes(1));  // keep-alives find nobody
  EXPECT_EQ(listen(session)->comments(), "open");
}

TEST_F(McpSession, StartsAndEndsAreLogged) {
  const std::string session = open();
  EXPECT_TRUE(test::contains(log, "\"session started\",\"session\":\"" + session.substr(0, 8) +
                                      "\",\"client\":\"a client\",\"client_version\":\"9\""))
      << log;
  EXPECT_FALSE(test::contains(log, session)) << "never whole";
  ask_http("DELETE", in(session));
  EXPECT_TRUE(test::contains(log, "session ended"));
}

}  // namespace
