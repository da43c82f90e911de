// How fast one caller may ask, how much at once, and how another fares meanwhile, in both eras.
#include "mcp/shared/pace.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "support/modern_world.h"

namespace {

using mcp::shared::Class;
using mcp::shared::Pace;
using test::Answer;
using test::Peer;

// ---- the arithmetic

struct PaceTest : testing::Test {
  loop::VirtualClock clock;
  loop::Loop loop{clock};
  void pass(base::Duration d) {
    clock.advance(d);
    loop::Timer tick(loop, "tick", loop::Timer::Fn::bind<&PaceTest::nothing>(this));
    tick.arm(base::Duration::zero());
    loop.run_once();
  }
  void nothing() {}
  static int taken(Pace& pace, std::string_view owner, int tries = 1000) {
    int n = 0;
    for (int i = 0; i < tries; ++i)
      n += pace.take(owner, Class::read) ? 0 : 1;
    return n;
  }
};

TEST_F(PaceTest, TakesTwoSecondsWorthAtOnceAndThenTheRate) {
  Pace pace(loop, {{{10, 0}, {}, {}, {}}});
  EXPECT_EQ(taken(pace, "a"), 20);
  const auto wait = pace.take("a", Class::read);
  ASSERT_TRUE(wait.has_value());
  EXPECT_EQ(*wait, base::milliseconds(100));
  pass(*wait);
  EXPECT_EQ(taken(pace, "a"), 1) << "after the time that it said";
  pass(base::seconds(1));
  EXPECT_EQ(taken(pace, "a"), 10);
  pass(base::hours(1));
  EXPECT_EQ(taken(pace, "a"), 20) << "no more than a burst is saved up";
  EXPECT_EQ(pace.refused_rate(Class::read), 4u * 1000 + 1 - 51);
}

TEST_F(PaceTest, NewRatesCountFromNowOnAndWhatWasTakenCounts) {
  Pace pace(loop, {{{10, 1}, {}, {}, {}}});
  EXPECT_EQ(taken(pace, "a"), 20);
  base::Charge running(pace.at_once(Class::read));
  ASSERT_TRUE(running.take(1, "a"));
  EXPECT_FALSE(pace.has_room("a", Class::read));
  pace.set_rates({{{20, 2}, {}, {}, {}}});
  EXPECT_TRUE(pace.has_room("a", Class::read));
  EXPECT_EQ(taken(pace, "a"), 0);
  EXPECT_EQ(taken(pace, "b"), 40);
  pass(base::seconds(1));
  EXPECT_EQ(taken(pace, "a"), 20);
  pace.set_rates({});
  EXPECT_EQ(taken(pace, "a"), 1000) << "no limit any more";
  base::Charge more(pace.at_once(Class::read));
  ASSERT_TRUE(more.take(5, "a"));
  EXPECT_TRUE(pace.has_room("a", Class::read));
}

TEST_F(PaceTest, CallersAndClassesAreCountedApart) {
  Pace pace(loop, {{{10, 0}, {}, {1, 0}, {}}});
  EXPECT_EQ(taken(pace, "a"), 20);
  EXPECT_EQ(taken(pace, "b"), 20);
  EXPECT_FALSE(pace.take("a", Class::write)) << "another class";
  EXPECT_FALSE(pace.take("a", Class::logs)) << "no limit";
  EXPECT_EQ(taken(pace, ""), 1000) << "callers are not told apart";
}

TEST_F(PaceTest, AllRequestsTogetherHaveTheSumOfTheRates) {
  Pace pace(loop, {{{10, 0}, {5, 0}, {2, 0}, {3, 0}}});
  const auto arrived = [&](std::string_view owner, std::size_t bytes = 100) {
    int n = 0;
    while (n < 1000 && !pace.arrive(owner, bytes))
      ++n;
    return n;
  };
  EXPECT_EQ(arrived("a"), 40);
  EXPECT_EQ(pace.arrive("a", 0), base::milliseconds(50));
  EXPECT_EQ(pace.refused_rate(Class::other), 2u);
  EXPECT_EQ(arrived("b", 3 * mcp::shared::kArrivalBytes), 10) << "each counts as four";
  EXPECT_EQ(arrived("c", base::limits::kMiB), 1) << "more than a burst";
  EXPECT_FALSE(pace.take("a", Class::read)) << "the classes have their own";
  EXPECT_EQ(arrived(""), 1000) << "callers are not told apart";
  Pace without(loop, {{{10, 0}, {5, 0}, {}, {3, 0}}});
  EXPECT_EQ(without.arrive("a", base::limits::kMiB), std::nullopt) << "writes have no limit";
}

TEST_F(PaceTest, ARateBelowOneATimeStillTakesOne) {
  Pace pace(loop, {{{0.1, 0}, {}, {}, {}}});
  EXPECT_EQ(taken(pace, "a"), 1);
  EXPECT_EQ(pace.take("a", Class::read), base::seconds(10));
  pass(base::seconds(10));
  EXPECT_EQ(taken(pace, "a"), 1);
}

TEST_F(PaceTest, TheTableIsBoundedAndTheLongestUnseenGoes) {
  Pace pace(loop, {{{1, 0}, {}, {}, {}}});
  EXPECT_EQ(taken(pace, "flooder"), 2);
  EXPECT_EQ(taken(pace, "old"), 2);
  for (std::size_t i = 0; i < mcp::shared::kPacedCallers; ++i) {
    if (i % 100 == 0) {
      EXPECT_EQ(taken(pace, "flooder", 1), 0) << "it is seen, so it stays";
    }
    EXPECT_FALSE(pace.take("caller " + std::to_string(i), Class::read));
  }
  EXPECT_EQ(pace.callers(), mcp::shared::kPacedCallers);
  EXPECT_EQ(taken(pace, "flooder"), 0);
  EXPECT_EQ(taken(pace, "old"), 2) << "it was forgotten";
}

// ---- over HTTP

struct PacedCallers : test::ModernWorld {
  PacedCallers() {
    be_quiet();
    auth.anonymous = true;
    mcp::shared::Options options;
    options.rates = {{{2, 2}, {}, {}, {2, 0}}};  // 4 calls and 4 others at once
    restart(options);
  }
  Answer call(const std::string& token) {
    return ask("tools/call", R"("name":"test.echo","arguments":{"text":"x"})", "test.echo", token);
  }
  const std::string alice = bearer("alice-1"), bob = bearer("bob-1");
};

TEST_F(PacedCallers, BeyondTheRateGet429WhichSaysWhenAndOthersDoNotNotice) {
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(call(alice).status, 200) << i;
  auto late = post_later(body("tools/call", R"("name":"test.echo","arguments":{"text":"x"})"),
                         headers("tools/call", "test.echo", alice));
  EXPECT_EQ(answer_of(*late).status, 0) << "a client in a loop is slowed";
  EXPECT_EQ(call(bob).status, 200);
  pass(mcp::shared::kRefusalDelay);
  const Answer refused = answer_of(*late);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.header("Retry-After"), "1");
  EXPECT_TRUE(refused.has("too many read requests a second")) << refused.body;
  EXPECT_TRUE(refused.has("\"retryAfterMs\":501")) << refused.body;
  EXPECT_TRUE(refused.has("\"id\":1")) << refused.body;
  pass(base::seconds(1));
  EXPECT_EQ(call(alice).status, 200);
  EXPECT_EQ(endpoint->pace().refused_rate(Class::read), 1u);
}

TEST_F(PacedCallers, WithoutAnIdentityHaveNoRate) {
  for (int i = 0; i < 50; ++i)
    ASSERT_EQ(call("").status, 200) << i;
}

TEST_F(PacedCallers, OfTheLegacyEraHaveTheSameRate) {
  const std::string session = open("2025-11-25", alice);  // initialize, and initialized
  EXPECT_EQ(post(rpc("ping"), in(session) + alice).status, 200);
  int refused = 0;
  for (int i = 0; i < 8; ++i) {
    auto one = post_later(rpc("ping"), in(session) + alice);
    pass(base::milliseconds(100));
    refused += answer_of(*one).status == 429 ? 1 : 0;
  }
  EXPECT_GE(refused, 4);
}

TEST_F(PacedCallers, ABatchsMessagesCountOneByOne) {
  const std::string session = open("2025-03-26", alice);
  pass(base::seconds(10));
  std::string batch;
  for (int i = 1; i <= 6; ++i)
    batch +=
        (i == 1 ? "[" : ",") +
        rpc("tools/call", R"({"name":"test.echo","arguments":{"text":"x"}})", std::to_string(i));
  auto one = post_later(batch + "]", in(session) + alice);
  settle(60);
  const Answer answer = answer_of(*one);
  EXPECT_EQ(answer.status, 200);
  std::size_t refused = 0;
  for (std::size_t at = 0; (at = answer.body.find("too many read", at)) != std::string::npos; ++at)
    ++refused;
  EXPECT_EQ(refused, 2u) << answer.body;
}

TEST_F(PacedCallers, HaveOnlySoManyCallsAtOnce) {
  std::vector<std::unique_ptr<Peer>> peers;
  for (int i = 0; i < 2; ++i) {
    peers.push_back(post_later(body("tools/call", R"("name":"test.slow")"),
                               headers("tools/call", "test.slow", alice)));
    settle();
  }
  ASSERT_EQ(slow->runs.size(), 2u);
  auto third = post_later(body("tools/call", R"("name":"test.slow")"),
                          headers("tools/call", "test.slow", alice));
  pass(mcp::shared::kRefusalDelay);
  const Answer refused = answer_of(*third);
  EXPECT_EQ(refused.status, 429);
  EXPECT_TRUE(refused.has("too many read calls in progress")) << refused.body;
  EXPECT_EQ(refused.header("Retry-After"), "5");
  EXPECT_EQ(call(bob).status, 200);
  slow->runs[0]->reply.succeed("{}");
  settle();
  EXPECT_EQ(call(alice).status, 200) << "there is room again";
  slow->runs[0]->reply.succeed("{}");
  settle();
}

// Bug: requests were read whole before their caller's rate was looked at, and what was wrong with
// them was answered without it.
struct PacedArrivals : PacedCallers {
  PacedArrivals() {
    mcp::shared::Options options;
    options.rates = {{{1, 0}, {1, 0}, {1, 0}, {2, 0}}};  // 10 requests at once
    restart(options);
  }
  // Sends it 10 times and once more, and to be told what the eleventh is answered.
  int eleventh(const std::string& text, const std::string& with) {
    for (int i = 0; i < 10; ++i) {
      const auto one = post_later(text, with);
      EXPECT_NE(answer_of(*one).status, 429) << i;
      EXPECT_NE(answer_of(*one).status, 0) << i;
    }
    const auto late = post_later(text, with);
    pass(mcp::shared::kRefusalDelay);
    return answer_of(*late).status;
  }
};

TEST_F(PacedArrivals, WhatIsNoJsonIsPaced) {
  EXPECT_EQ(eleventh("{", headers("ping", {}, alice)), 429);
}

TEST_F(PacedArrivals, GetAndDeleteAreOfTheClassOther) {
  for (const char* method : {"GET", "DELETE"}) {
    int refused = 0;
    for (int i = 0; i < 6; ++i) {
      auto peer = connect();
      peer->send(std::string(method) +
                 " /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: "
                 "application/json\r\n" +
                 alice + "\r\n");
      settle();
      pass(mcp::shared::kRefusalDelay);
      refused += answer_of(*peer).status == 429 ? 1 : 0;
    }
    EXPECT_GE(refused, 1) << method;
    pass(base::seconds(10));
  }
}

// Bug: all connections of a flooding caller got their refusals in one turn, and asked again in one.
TEST_F(PacedCallers, RefusalsGoOutAFewAtATime) {
  for (int i = 0; i < 4; ++i)
    call(alice);
  std::vector<std::unique_ptr<Peer>> crowd;
  for (int i = 0; i < 10; ++i)
    crowd.push_back(post_later(body("tools/call", R"("name":"test.echo","arguments":{"text":"x"})"),
                               headers("tools/call", "test.echo", alice)));
  settle();
  const auto answered = [&] {
    return std::count_if(crowd.begin(), crowd.end(),
                         [&](const auto& peer) { return answer_of(*peer).status == 429; });
  };
  pass(mcp::shared::kRefusalDelay);
  EXPECT_EQ(answered(), 4);
  pass(mcp::shared::kRefusalGap);
  EXPECT_EQ(answered(), 8);
  pass(mcp::shared::kRefusalGap);
  EXPECT_EQ(answered(), 10);
}

TEST_F(PacedCallers, ARefusedClientMayLeaveAndTheServerEnd) {
  for (int i = 0; i < 4; ++i)
    call(alice);
  auto gone = post_later(body("tools/list"), headers("tools/list", {}, alice));
  auto late = post_later(body("tools/call", R"("name":"test.echo","arguments":{"text":"x"})"),
                         headers("tools/call", "test.echo", alice));
  late->close();
  settle();
  auto waits = post_later(body("tools/call", R"("name":"test.echo","arguments":{"text":"x"})"),
                          headers("tools/call", "test.echo", alice));
  stop_endpoint();  // with a refusal that waits
  settle();
}

}  // namespace
