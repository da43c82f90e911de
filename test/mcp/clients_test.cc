// What clients in use do that no revision asks for, and what they do with our answers: null for
// whatever is left out, 1.0 for 1, an empty cursor, a session that the server no longer knows, a
// revision of 2024, names of tools without dots, a Host that nobody allowed. (Whole clients:
// test/clients.)
#include <gtest/gtest.h>

#include "mcp/endpoint/refusal_log.h"
#include "support/mcp_world.h"

namespace {

using test::Answer;

struct McpClients : test::McpWorld {};

// ---- null

// Refused for each argument but integers: mcp-use, LangChain and CrewAI could not call the tools.
TEST_F(McpClients, NullForWhatMayBeLeftOutIsLeavingItOut) {
  const std::string session = in(open());
  const Answer a = post(rpc("tools/call", R"({"name":"test.echo","_meta":null,)"
                                          R"("arguments":{"text":"x","limit":null}})"),
                        session);
  EXPECT_TRUE(a.has("\"isError\"") == false && a.has("\"result\"")) << a.body;
  for (const char* method : {"tools/list", "resources/list", "resources/templates/list"}) {
    const std::string first = post(rpc(method), session).body;
    EXPECT_EQ(post(rpc(method, R"({"cursor":null})"), session).body, first) << method;
    EXPECT_EQ(post(rpc(method, R"({"cursor":""})"), session).body, first) << method;
    EXPECT_EQ(post(rpc(method, R"({"cursor":null,"_meta":null})"), session).body, first);
    EXPECT_TRUE(post(rpc(method, R"({"cursor":7})"), session).has("-32602")) << method;
  }
  EXPECT_EQ(post(rpc("initialize", R"({"protocolVersion":"2025-06-18","capabilities":null,)"
                                   R"("clientInfo":null,"_meta":null})"))
                .status,
            200);
}

TEST_F(McpClients, NullForMembersOfAMessageThatAreNotThere) {
  const std::string session = in(open());
  for (const char* body :
       {R"({"jsonrpc":"2.0","id":null,"method":"notifications/initialized","params":null})",
        R"({"jsonrpc":"2.0","id":1,"method":null,"params":null,"result":{},"error":null})",
        R"({"jsonrpc":"2.0","id":1,"result":null,"error":{"code":1,"message":"x"}})",
        R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"x"}})"}) {
    EXPECT_EQ(post(body, session).status, 202) << body;
  }
  const Answer a = post(R"({"jsonrpc":"2.0","id":null,"method":"ping"})", session);
  EXPECT_EQ(a.status, 400) << "a request whose answer nobody could match";
}

// ---- numbers

TEST_F(McpClients, AWholeNumberWithAFractionOfZeroIsThatNumber) {
  const std::string session = in(open());
  EXPECT_EQ(post(rpc("ping", "{}", "1.0"), session).body,
            R"({"jsonrpc":"2.0","id":1,"result":{}})");
  EXPECT_EQ(post(rpc("ping", "{}", "-2e0"), session).body,
            R"({"jsonrpc":"2.0","id":-2,"result":{}})");
  EXPECT_EQ(post(rpc("ping", "{}", "1.5"), session).status, 400);
  auto peer = post_later(rpc("tools/call", R"({"name":"test.slow"})", "7"), session);
  ASSERT_EQ(slow->runs.size(), 1u);
  EXPECT_EQ(post(notification("notifications/cancelled", R"({"requestId":7.0})"), session).status,
            202);
  settle();
  EXPECT_TRUE(slow->runs.empty()) << "cancelled";
}

// ---- a session that is gone

// The answer was empty: users of supergateway and LangChain saw "Error POSTing to endpoint: ".
TEST_F(McpClients, ADeadSessionIsA404ThatSaysWhatToDo) {
  const std::string dead = in("feedfeedfeedfeedfeedfeedfeedfeed");
  for (const char* verb : {"POST", "GET", "DELETE"}) {
    const Answer a = ask_http(verb, dead, verb[0] == 'P' ? rpc("tools/list") : "");
    EXPECT_EQ(a.status, 404) << verb;
    EXPECT_EQ(a.header("Content-Type"), "application/json") << verb;
    base::json::Document doc;
    const auto body = doc.parse(a.body);
    ASSERT_TRUE(body) << a.body;
    EXPECT_EQ((*body)["jsonrpc"].str(), "2.0");
    EXPECT_EQ((*body)["error"]["code"].int_or(0), -32001);
    EXPECT_FALSE((*body)["id"]) << "none of the revisions knows null there";
    EXPECT_TRUE(test::contains((*body)["error"]["message"].str(), "initialize again"));
  }
}

// ---- 2024-11-05

// Answered 2025-11-25: Python SDK 1.8 gave up. The header was 400.
TEST_F(McpClients, TheRevisionOf2024IsServedAsItsSuccessorIs) {
  const Answer first = post(rpc("initialize", R"({"protocolVersion":"2024-11-05"})"));
  EXPECT_TRUE(first.has(R"("protocolVersion":"2024-11-05")")) << first.body;
  EXPECT_FALSE(first.has("\"title\""));
  const std::string session = in(first.header("Mcp-Session-Id"));
  const std::string header = session + "MCP-Protocol-Version: 2024-11-05\r\n";
  EXPECT_EQ(post(notification("notifications/initialized"), header).status, 202);
  const std::string newer = in(open("2025-03-26"));
  for (const char* method : {"tools/list", "resources/templates/list"})
    EXPECT_EQ(post(rpc(method), header).body, post(rpc(method), newer).body) << method;
  const std::string call = R"({"name":"test.echo","arguments":{"text":"x"}})";
  EXPECT_EQ(post(rpc("tools/call", call), header).body, post(rpc("tools/call", call), newer).body);
  EXPECT_EQ(post("[" + rpc("ping") + "]", header).status, 200) << "batches, too";
  auto stream = listen(first.header("Mcp-Session-Id"), "MCP-Protocol-Version: 2024-11-05\r\n");
  subscribe(first.header("Mcp-Session-Id"), "test://a");
  family->feeds[0]->say("{}");
  drain(*stream);
  EXPECT_EQ(stream->data().size(), 1u);
  EXPECT_TRUE(stream->primes().empty()) << "such a client reads every event as a message";
  EXPECT_EQ(ask_http("DELETE", header).status, 204);
}

// ---- names of tools

TEST_F(McpClients, ToolsAreCalledByEitherSpelling) {
  const std::string session = in(open());
  const auto call = [&](std::string_view name) {
    return post(
        rpc("tools/call", R"({"name":")" + std::string(name) + R"(","arguments":{"text":"x"}})"),
        session);
  };
  EXPECT_TRUE(call("test.echo").has("\"result\""));
  EXPECT_EQ(call("test_echo").body, call("test.echo").body);
  EXPECT_TRUE(call("test-echo").has("Unknown tool: test-echo; did you mean test.echo?"));
  EXPECT_TRUE(post(rpc("tools/list"), session).has(R"("name":"test.echo")"));
}

TEST_F(McpClients, NamesOfToolsAreShownWithUnderscoresToThoseWhoNeedThem) {
  registry.show_tool_names(mcp::ToolNames::underscores);
  const std::string session = in(open());
  const Answer list = post(rpc("tools/list"), session);
  EXPECT_TRUE(list.has(R"("name":"test_echo")")) << list.body;
  EXPECT_FALSE(list.has("test.echo")) << list.body;
  for (const char* name : {"test_echo", "test.echo"}) {
    EXPECT_TRUE(post(rpc("tools/call",
                         R"({"name":")" + std::string(name) + R"(","arguments":{"text":"x"}})"),
                     session)
                    .has("\"result\""))
        << name;
  }
  EXPECT_TRUE(
      post(rpc("tools/call", R"({"name":"test.ecko"})"), session).has("did you mean test_echo?"));
}

// ---- a Host that nobody allowed

// 403 without a word of which host and which flag, and nothing in the log.
TEST_F(McpClients, ARefusedHostIsNamedAndSoIsTheSetting) {
  mcp::shared::Options options;
  options.hosts_setting = "--allowed-hosts";
  options.origins_setting = "--allowed-origins";
  restart(std::move(options));
  const Answer host = post(rpc("ping"), "Host: mcp.example:6767\r\n");
  EXPECT_EQ(host.status, 403);
  EXPECT_TRUE(host.has("\"mcp.example\"") && host.has("--allowed-hosts")) << host.body;
  const Answer origin = post(rpc("ping"), "Origin: https://app.example\r\n");
  EXPECT_EQ(origin.status, 403);
  EXPECT_TRUE(origin.has("\"https://app.example\"") && origin.has("--allowed-origins"));
  const Answer odd = post(rpc("ping"), "Host: a\xc2\x9b" + std::string(300, 'b') + "\r\n");
  EXPECT_EQ(odd.status, 403);
  EXPECT_EQ(odd.body.find('\xc2'), std::string::npos) << odd.body;
  EXPECT_LT(odd.body.size(), 400u);
}

TEST_F(McpClients, ARefusedHostIsWarnedOfOnceAMinute) {
  mcp::endpoint::RefusalLog log;
  const base::TimePoint start = loop.now();
  EXPECT_TRUE(log.wants("a", start));
  EXPECT_FALSE(log.wants("a", start + base::seconds(59)));
  EXPECT_TRUE(log.wants("b", start + base::seconds(59)));
  EXPECT_TRUE(log.wants("a", start + base::seconds(60)));
  EXPECT_FALSE(log.wants("a", start + base::seconds(61)));
  EXPECT_FALSE(log.wants("b", start + base::seconds(61)));
}

TEST_F(McpClients, MadeUpHostsAreNotWarnedOfWithoutEnd) {
  mcp::endpoint::RefusalLog log;
  std::size_t warned = 0;
  for (int i = 0; i < 1000; ++i)
    warned += log.wants("host" + std::to_string(i), loop.now()) ? 1 : 0;
  EXPECT_EQ(warned, mcp::endpoint::RefusalLog::kNames);
  EXPECT_TRUE(log.wants("late", loop.now() + base::minutes(1))) << "places are free again";
}

}  // namespace
