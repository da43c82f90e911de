// Bug: a batch of 7 kB was begun all at once: 100 graphs of 4 MB each in one turn, 948 MiB.
#include <gtest/gtest.h>

#include "mcp/shared/core.h"
#include "support/mcp_world.h"

namespace {

using test::Answer;

std::string array(std::initializer_list<std::string> members) {
  std::string out;
  for (const std::string& member : members)
    out.append(out.empty() ? "[" : ",").append(member);
  return out + "]";
}

struct Batches : test::McpWorld {
  Batches() {
    http::ServerLimits limits;
    limits.budgets = &budgets;
    start(limits);
    mcp::shared::Options options;
    options.budgets = &budgets;
    restart(options);
    session = open("2025-03-26", alice);
  }
  ~Batches() override {
    stop_endpoint();
    server.reset();
    settle();
  }
  std::string own() const { return in(session) + alice; }
  static std::string slow_call(int id) {
    return rpc("tools/call", R"({"name":"test.slow"})", std::to_string(id));
  }
  void end_run(std::string json = "{}") {
    ASSERT_EQ(slow->runs.size(), 1u) << "one at a time";
    slow->runs[0]->reply.succeed(std::move(json));
    settle();
  }
  std::uint64_t cancelled(std::string_view method) const {
    std::uint64_t n = 0;
    endpoint->requests().for_each_method(
        [&](std::string_view name, const mcp::shared::RequestCount& all) {
          if (name == method)
            n = all.ended[static_cast<std::size_t>(mcp::shared::Outcome::cancelled)];
        });
    return n;
  }
  // A memory limit with which one caller may be given 512 KiB of answers.
  base::Budgets budgets{1};
  const std::string alice = bearer("alice-1");
  std::string session;
};

TEST_F(Batches, TheNextRequestBeginsWhenTheOneBeforeIsAnswered) {
  auto peer = post_later(array({slow_call(1), slow_call(2), rpc("ping", "{}", "3")}), own());
  EXPECT_EQ(budgets.bodies.used(), slow_call(2).size() + rpc("ping", "{}", "3").size())
      << "what waits counts, and what has begun does not";
  end_run();
  EXPECT_EQ(answer_of(*peer).status, 0);
  end_run();
  const std::string body = answer_of(*peer).body;
  EXPECT_LT(body.find("\"id\":1"), body.find("\"id\":2"));
  EXPECT_LT(body.find("\"id\":2"), body.find("\"id\":3"));
  EXPECT_EQ(budgets.bodies.used() + budgets.answers.used(), 0u);
}

TEST_F(Batches, WhatHasNotBegunCanBeCancelled) {
  auto peer = post_later(array({slow_call(1), slow_call(2), rpc("ping", "{}", "3")}), own());
  const std::size_t before = budgets.bodies.used();
  post(notification("notifications/cancelled", R"({"requestId":2})"), own());
  EXPECT_EQ(before - budgets.bodies.used(), slow_call(2).size()) << "its text is given back";
  EXPECT_EQ(cancelled("tools/call"), 1u);
  end_run();
  EXPECT_EQ(slow->runs.size(), 0u);
  EXPECT_TRUE(answer_of(*peer).has("\"id\":1") && answer_of(*peer).has("\"id\":3"));
  EXPECT_FALSE(answer_of(*peer).has("\"id\":2"));
}

TEST_F(Batches, WhatFindsNoRoomToWaitIsAnErrorAndTheOthersRun) {
  base::Charge held(budgets.bodies);
  ASSERT_TRUE(held.take(budgets.bodies.share() - slow_call(1).size(), "caller alice"));
  auto peer = post_later(array({slow_call(1), slow_call(2)}), own());
  end_run();
  EXPECT_TRUE(answer_of(*peer).has("\"id\":2,\"error\":{\"code\":-32603")) << answer_of(*peer).body;
  EXPECT_TRUE(answer_of(*peer).has("\"id\":1,\"result\"")) << answer_of(*peer).body;
}

TEST_F(Batches, TheEndOfTheSessionAnswersAllOfIt) {
  auto peer = post_later(array({slow_call(1), slow_call(2), rpc("ping", "{}", "3")}), own());
  EXPECT_EQ(ask_http("DELETE", own()).status, 204);
  settle();
  EXPECT_TRUE(slow->runs.empty());
  for (const char* id : {"\"id\":1,\"error\"", "\"id\":2,\"error\"", "\"id\":3,\"error\""})
    EXPECT_TRUE(answer_of(*peer).has(id)) << answer_of(*peer).body;
  EXPECT_EQ(budgets.bodies.used(), 0u);
}

TEST_F(Batches, AnAnswerThatFindsNoRoomBesideTheOthersIsAnError) {
  const std::string large = "{\"x\":\"" + std::string(300'000, 'x') + "\"}";
  auto peer = post_later(array({slow_call(1), slow_call(2), slow_call(3)}), own());
  end_run(large);
  EXPECT_GT(budgets.answers.used(), 300'000u) << "while it waits for the others";
  end_run(large);
  end_run();
  for (int i = 0; i < 100; ++i) {  // the socket takes it piece by piece
    peer->read();
    settle(2);
  }
  const Answer a = answer_of(*peer);
  EXPECT_EQ(a.status, 200);
  EXPECT_TRUE(a.has("\"id\":1,\"result\"") && a.has("\"id\":3,\"result\""));
  EXPECT_TRUE(a.has("\"id\":2,\"error\":{\"code\":-32603") && a.has("try again in 5s"))
      << a.body.substr(0, 300) << " ... " << a.body.size();
  EXPECT_LE(budgets.answers.peak(), budgets.answers.limit());
  EXPECT_EQ(budgets.answers.used(), 0u);
}

TEST_F(Batches, WhoHasNotTakenItsAnswersIsRefusedEarly) {
  base::Charge held(budgets.answers);
  ASSERT_TRUE(held.take(budgets.answers.share() - 1000, "caller alice"));
  for (const std::string& body :
       {rpc("tools/call", R"({"name":"test.echo"})"), rpc("tools/list"), array({slow_call(1)})}) {
    const Answer a = post(body, own());
    EXPECT_EQ(a.status, 503) << body;
    EXPECT_EQ(a.header("Retry-After"), "5");
    EXPECT_TRUE(a.has("-32603")) << a.body;
  }
  EXPECT_TRUE(slow->runs.empty() && echo->texts.empty());
  EXPECT_EQ(post(rpc("ping"), own()).status, 200);
  held.release();
  EXPECT_EQ(post(rpc("tools/list"), own()).status, 200);
}

}  // namespace
