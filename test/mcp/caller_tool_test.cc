// What a call knows of its caller beyond the token: the tool that is called and the client's program.
#include <gtest/gtest.h>

#include "support/modern_world.h"

namespace {

using test::Answer;

struct CallerTool : test::ModernWorld {
  const mcp::Caller& seen() { return echo->callers.at(0); }
};

TEST_F(CallerTool, OfASessionIsTheToolAndWhatInitializeSaid) {
  const Answer a = post(rpc("initialize", R"({"protocolVersion":"2025-11-25","capabilities":{},)"
                                          R"("clientInfo":{"name":"cli","version":"1.0"}})"));
  const std::string session = a.header("Mcp-Session-Id");
  post(rpc("tools/call", R"({"name":"test.echo","arguments":{"text":"a"}})"), in(session));
  ASSERT_EQ(echo->callers.size(), 1u);
  EXPECT_EQ(seen().tool, "test.echo");
  EXPECT_EQ(seen().client, "cli 1.0");
}

TEST_F(CallerTool, OfAModernRequestIsTheToolAndItsClientInfo) {
  const std::string with = meta(
      "{}", R"(,"io.modelcontextprotocol/clientInfo":{"name":"agent\u001b[2J","version":"2.1"})");
  post(body("tools/call", R"("name":"test.echo","arguments":{"text":"a"})", "1", with),
       headers("tools/call", "test.echo"));
  ASSERT_EQ(echo->callers.size(), 1u);
  EXPECT_EQ(seen().tool, "test.echo");
  EXPECT_TRUE(seen().client.starts_with("agent")) << seen().client;
  EXPECT_TRUE(seen().client.ends_with(" 2.1"));
  EXPECT_EQ(seen().client.find('\x1b'), std::string::npos) << "a client's text is made printable";
}

TEST_F(CallerTool, ANewerTokenOfASessionIsSeen) {
  auth.identities = {{"a", "ann"}, {"b", "ann"}};
  const std::string session = open("2025-11-25", bearer("a"));
  std::vector<std::string> bearers;
  echo->round = [&](test::TestTool&, mcp::ToolReply& reply) {
    bearers.push_back(reply.caller().bearer + " " + reply.caller().tool);
    reply.succeed({.structured_json = R"({"text":"x"})"});
    return nullptr;
  };
  for (const char* token : {"a", "b"})
    post(rpc("tools/call", R"({"name":"test.echo","arguments":{"text":"a"}})"),
         in(session) + bearer(token));
  EXPECT_EQ(bearers, (std::vector<std::string>{"a test.echo", "b test.echo"}));
}

}  // namespace
