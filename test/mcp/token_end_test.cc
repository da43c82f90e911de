// Calls and tasks that outlast their caller's token, in both eras (mcp/shared/recheck.h).
#include <gtest/gtest.h>

#include "mcp/modern/server.h"
#include "mcp/shared/recheck.h"
#include "support/modern_world.h"

namespace {

using test::Answer;
using test::contains;

constexpr std::string_view kArguments = R"("name":"test.slow","arguments":{"text":"x"})";
constexpr std::string_view kExpired = "the caller's token has expired";
constexpr std::string_view kRefused = "the caller's token is no longer accepted";
constexpr std::string_view kTasks = R"({"extensions":{"io.modelcontextprotocol/tasks":{}}})";

struct McpTokenEnd : test::ModernWorld {
  McpTokenEnd() {
    auth.anonymous = false;
    auth.expire = true;
    auth.impersonates = true;
    slow->change_info().tasks = mcp::TaskSupport::optional;
    slow->round = [](test::TestTool& tool, mcp::ToolReply& reply) -> std::unique_ptr<mcp::ToolRun> {
      if (reply.become_task()) return nullptr;
      return std::make_unique<test::TestTool::Run>(tool, reply);
    };
    auth.ends["alice-1"] = loop.now() + base::seconds(100);
    auth.ends["alice-2"] = loop.now() + base::hours(1);
    restart({});
  }
  std::unique_ptr<test::Peer> call() {
    auto peer = connect();
    peer->send(
        request("POST", headers("tools/call", "test.slow", alice), body("tools/call", kArguments)));
    settle();
    return peer;
  }
  std::string begin_task() {
    const Answer made = post(body("tools/call", kArguments, "1", meta(kTasks)),
                             headers("tools/call", "test.slow", alice));
    base::json::Document doc;
    const auto answer = doc.parse(made.body);
    EXPECT_TRUE(answer.has_value()) << made.body;
    return answer ? std::string((*answer)["result"]["taskId"].str()) : "";
  }
  Answer task(const std::string& id) {
    return post(body("tasks/get", R"("taskId":")" + id + "\"", "2", meta(kTasks)),
                headers("tasks/get", id, alice2));
  }
  // In steps, as a clock goes.
  void pass(base::Duration time) {
    for (; time > base::seconds(10); time -= base::seconds(10))
      ModernWorld::pass(base::seconds(10));
    ModernWorld::pass(time);
    settle();
  }
  const std::string alice = bearer("alice-1"), alice2 = bearer("alice-2");
};

TEST_F(McpTokenEnd, AModernCallEndsWithItsToken) {
  auto peer = call();
  pass(base::seconds(99));
  ASSERT_EQ(slow->runs.size(), 1U);
  pass(base::seconds(1));
  EXPECT_TRUE(slow->runs.empty()) << "nothing goes on for the caller";
  EXPECT_TRUE(answer_of(*peer).has(kExpired)) << answer_of(*peer).body;
}

TEST_F(McpTokenEnd, AModernCallEndsWhenItsTokenIsRefused) {
  auto peer = call();
  pass(base::seconds(5));
  auth.identities.erase("alice-1");
  pass(mcp::shared::kRecheck);
  EXPECT_TRUE(slow->runs.empty());
  EXPECT_TRUE(answer_of(*peer).has(kRefused)) << answer_of(*peer).body;
}

// One that ends at once, before it counts as lasting.
TEST_F(McpTokenEnd, ATokenThatEndsInTheFirstSecondEndsItsCallAfterThat) {
  auth.ends["alice-1"] = loop.now() + base::milliseconds(10);
  auto peer = call();
  pass(mcp::modern::kShortCall);
  EXPECT_TRUE(slow->runs.empty());
  EXPECT_TRUE(answer_of(*peer).has(kExpired));
}

TEST_F(McpTokenEnd, ACallThatIsAnsweredHoldsNoToken) {
  auto peer = call();
  pass(base::seconds(5));
  ASSERT_EQ(slow->runs.size(), 1U);
  slow->runs[0]->reply.succeed("{}");
  settle();
  const int before = auth.asked;
  pass(base::minutes(3));
  EXPECT_EQ(auth.asked, before);
  EXPECT_FALSE(answer_of(*peer).has(kExpired));
}

TEST_F(McpTokenEnd, ANewerTokenProlongsACall) {
  auto peer = call();
  pass(base::seconds(50));
  ask("tools/list", {}, {}, alice2);
  pass(base::seconds(100));
  EXPECT_EQ(slow->runs.size(), 1U);
}

TEST_F(McpTokenEnd, ATaskEndsWithItsToken) {
  const std::string id = begin_task();
  pass(base::seconds(99));
  ASSERT_EQ(slow->runs.size(), 1U);
  pass(base::seconds(1));
  EXPECT_TRUE(slow->runs.empty());
  const Answer end = task(id);
  EXPECT_TRUE(end.has(R"("status":"cancelled")") && end.has(kExpired)) << end.body;
}

TEST_F(McpTokenEnd, ATaskEndsWhenItsTokenIsRefused) {
  const std::string id = begin_task();
  auth.identities.erase("alice-1");
  pass(mcp::shared::kRecheck);
  EXPECT_TRUE(slow->runs.empty());
  EXPECT_TRUE(task(id).has(kRefused));
}

// A caller made as many calls at once as it liked, if it let them become tasks.
TEST_F(McpTokenEnd, ATaskThatWorksCountsAmongItsCallersCallsAtOnce) {
  mcp::shared::Options options;
  options.rates[static_cast<std::size_t>(mcp::shared::Class::read)].at_once = 1;
  restart(options);
  const std::string id = begin_task();
  ASSERT_EQ(slow->runs.size(), 1U);
  const auto again = [&] {
    auto peer = post_later(body("tools/call", kArguments, "1", meta(kTasks)),
                           headers("tools/call", "test.slow", alice));
    pass(mcp::shared::kRefusalDelay);
    return answer_of(*peer);
  };
  EXPECT_EQ(again().status, 429);
  slow->runs[0]->reply.succeed("{}");
  settle();
  EXPECT_EQ(again().status, 200);
}

// Without a token: the connection's certificate says when (Endpoint), and nothing can be asked.
TEST_F(McpTokenEnd, ATaskEndsWithItsCallersCertificate) {
  auth.expire = false;
  const std::string id = begin_task();
  pass(base::seconds(99));
  ASSERT_EQ(slow->runs.size(), 1U);
  pass(base::seconds(1));
  EXPECT_TRUE(slow->runs.empty());
  EXPECT_TRUE(task(id).has("the caller's certificate has expired"));
  EXPECT_EQ(auth.asked, 0);
}

TEST_F(McpTokenEnd, ALegacyCallEndsWithItsTokenAlsoWithoutAStream) {
  const std::string session = open("2025-11-25", alice);
  auto peer =
      post_later(rpc("tools/call", "{" + std::string(kArguments) + "}"), in(session) + alice);
  pass(base::seconds(99));
  ASSERT_EQ(slow->runs.size(), 1U);
  pass(base::seconds(1));
  EXPECT_TRUE(slow->runs.empty());
  EXPECT_TRUE(contains(answer_of(*peer).body, kExpired)) << peer->got;
}

TEST_F(McpTokenEnd, ALegacyCallEndsWhenItsTokenIsRefused) {
  const std::string session = open("2025-11-25", alice);
  auto peer =
      post_later(rpc("tools/call", "{" + std::string(kArguments) + "}"), in(session) + alice);
  auth.identities.erase("alice-1");
  pass(mcp::shared::kRecheck);
  EXPECT_TRUE(slow->runs.empty());
}

}  // namespace
