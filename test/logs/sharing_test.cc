// Followers of one log share its stream when their history is in its memory; a slow one never slows
// another; and what the memory holds is what it says.
#include <gtest/gtest.h>

#include "logs/manager.h"
#include "logs/memory.h"
#include "support/tools_world.h"

namespace {

using base::seconds;
using logs::LogEntry;
using logs::LogHistory;
using logs::Memory;
using logs::Request;
using test::TestSubscriber;
using test::ToolsWorld;
using Told = std::vector<std::string>;

// ---- the memory

LogEntry line(std::int64_t second, std::string_view text = "x") {
  LogEntry entry;
  entry.kind = "line";
  entry.time = {second * 1000000000};
  entry.text = base::Payload(text);
  return entry;
}
LogEntry marker(std::string_view kind) {
  LogEntry entry;
  entry.kind = kind;
  entry.text = base::Payload("m");
  return entry;
}
base::WallTime at(std::int64_t second) {
  return {second * 1000000000};
}

struct PodLogMemoryTest : ::testing::Test {
  base::QueueBudget budget{1 << 20};
};

TEST_F(PodLogMemoryTest, AWholeLogServesEveryHistory) {
  Memory memory(budget, {});
  for (int i = 0; i < 10; ++i)
    memory.add(line(i));
  EXPECT_EQ(memory.begin_of({}), 0u);
  EXPECT_EQ(memory.begin_of({3, {}}), 7u);
  EXPECT_EQ(memory.begin_of({300, {}}), 0u);
  EXPECT_EQ(memory.begin_of({0, {}}), 10u);
  EXPECT_EQ(memory.begin_of({{}, at(4)}), 4u);
  EXPECT_EQ(memory.begin_of({2, at(4)}), 8u);
  EXPECT_EQ(memory.begin_of({100, at(4)}), 4u);
}

TEST_F(PodLogMemoryTest, ATailServesShorterTailsAndWhatIsYoungerThanItsFirstLine) {
  Memory memory(budget, {5, {}});
  for (int i = 10; i < 15; ++i)
    memory.add(line(i));
  EXPECT_FALSE(memory.begin_of({}));
  EXPECT_EQ(memory.begin_of({5, {}}), 0u);
  EXPECT_FALSE(memory.begin_of({6, {}}));
  EXPECT_FALSE(memory.begin_of({{}, at(10)})) << "another line of that second may have gone before";
  EXPECT_EQ(memory.begin_of({{}, at(11)}), 1u);
}

TEST_F(PodLogMemoryTest, ATimeServesLaterTimes) {
  Memory memory(budget, {{}, at(10)});
  memory.add(line(20));
  EXPECT_EQ(memory.begin_of({{}, at(10)}), 0u);
  EXPECT_EQ(memory.begin_of({{}, at(15)}), 0u);
  EXPECT_FALSE(memory.begin_of({{}, at(9)}));
  EXPECT_FALSE(memory.begin_of({}));
}

TEST_F(PodLogMemoryTest, TheOldestGoFirstAndNumbersStay) {
  Memory memory(budget, {});
  const std::string big(100 * 1024, 'x');
  for (int i = 0; i < 5; ++i)
    memory.add(line(i, big + std::to_string(i)));
  EXPECT_EQ(memory.first(), 3u);
  EXPECT_EQ(memory.end(), 5u);
  EXPECT_EQ(memory[4].time, at(4));
  EXPECT_FALSE(memory.begin_of({})) << "no longer whole";
  EXPECT_EQ(memory.begin_of({2, {}}), 3u);
}

TEST_F(PodLogMemoryTest, AnEntryLargerThanTheMemoryUsesUpItsNumber) {
  Memory memory(budget, {});
  memory.add(line(1));
  memory.add(line(2, std::string(logs::kLogMemoryBytes, 'x')));
  EXPECT_EQ(memory.first(), 2u);
  EXPECT_EQ(memory.end(), 2u);
}

TEST_F(PodLogMemoryTest, WhatIsBeforeARestartOrAGapIsNobodysHistory) {
  Memory memory(budget, {});
  memory.add(line(1));
  memory.add(marker("restart"));
  memory.add(line(2));
  EXPECT_EQ(memory.begin_of({}), 2u) << "a new instance from its beginning";
  memory.add(marker("gap"));
  memory.add(line(3));
  EXPECT_FALSE(memory.begin_of({}));
  EXPECT_EQ(memory.begin_of({1, {}}), 4u);
  EXPECT_FALSE(memory.begin_of({2, {}}));
}

TEST_F(PodLogMemoryTest, TheBudgetOfAllLogsShrinksEach) {
  base::QueueBudget small(1000);
  Memory one(small, {}), two(small, {});
  one.add(line(1, std::string(800, 'x')));
  two.add(line(1, std::string(800, 'y')));
  EXPECT_EQ(two.first(), two.end()) << "no room, and nothing of its own to give";
  one.add(line(2, std::string(700, 'z')));
  EXPECT_EQ(one.first(), 1u) << "its own oldest goes";
}

TEST_F(PodLogMemoryTest, OneCallersLogsLeaveRoomForTheOthers) {
  base::QueueBudget small(4000);
  small.set_share(1000);
  Memory one(small, {}, "alice"), two(small, {}, "alice"), other(small, {}, "bob");
  one.add(line(1, std::string(800, 'x')));
  two.add(line(1, std::string(800, 'y')));
  other.add(line(1, std::string(800, 'z')));
  EXPECT_EQ(two.first(), two.end());
  EXPECT_EQ(other.first(), 0u);
}

// ---- followers

struct PodLogSharing : ToolsWorld {
  PodLogSharing() {
    manager.start();
    cluster.set_pod({.ns = "team-a", .name = "web"});
  }
  ~PodLogSharing() override {
    subscribers.clear();
    manager.stop();
    loop.run_once();
  }
  TestSubscriber& subscribe(const std::string& rest = "web/app", int room = 1 << 30) {
    const std::string uri = "k0rdent://podlogs/team-a/" + rest;
    subscribers.push_back(std::make_unique<TestSubscriber>(uri));
    TestSubscriber& one = *subscribers.back();
    one.room = room;
    one.feed = manager.subscribe(one, *Request::from_uri(uri));
    EXPECT_TRUE(run_until([&] { return one.answered(); }));
    settle();
    return one;
  }
  void write(const std::string& text) {
    cluster.log("team-a", "web", "app", text);
    settle();
  }
  int requests() { return api.count("log", "/pods/web/log"); }
  std::int64_t last_sequence(const TestSubscriber& one) {
    base::json::Document doc;
    return (*doc.parse(one.deltas.back()))["sequence"].int_or(-1);
  }
  logs::Manager manager{managed()};
  std::vector<std::unique_ptr<TestSubscriber>> subscribers;
};

// Bug: it counted beside the memory limit, in no gauge.
TEST_F(PodLogSharing, WhatALogHoldsCountsInTheBudgetOfLogs) {
  base::Budgets counted;
  budgets = &counted;
  {
    logs::Manager own(managed());
    own.start();
    cluster.log("team-a", "web", "app", std::string(1000, 'x'));
    const std::string uri = "k0rdent://podlogs/team-a/web/app";
    TestSubscriber one(uri);
    one.feed = own.subscribe(one, *Request::from_uri(uri));
    EXPECT_TRUE(run_until([&] { return !one.deltas.empty(); }));
    EXPECT_GE(counted.logs.used(), 1000u);
    one.feed.reset();
    loop.run_once();
  }
  EXPECT_EQ(counted.logs.used(), 0u);
  budgets = nullptr;
}

TEST_F(PodLogSharing, ALateFollowerGetsTheHistoryFromMemoryAndThenTheSameLines) {
  write("a");
  TestSubscriber& one = subscribe();
  write("b");
  TestSubscriber& two = subscribe();
  EXPECT_EQ(two.told(), (Told{"line a", "line b"}));
  write("c");
  EXPECT_EQ(one.told(), (Told{"line a", "line b", "line c"}));
  EXPECT_EQ(two.told(), one.told());
  EXPECT_EQ(one.frames[2].view().data(), two.frames[2].view().data()) << "made once";
  EXPECT_EQ(manager.active(), 1u);
  EXPECT_EQ(manager.subscribers(), 2u);
  EXPECT_EQ(requests(), 1);
}

TEST_F(PodLogSharing, TailAndSinceAreCutFromMemoryAndLinesAreNumberedPerSubscription) {
  for (const char* text : {"a", "b", "c"})
    write(text);
  subscribe();
  pass(seconds(100));
  write("d");
  TestSubscriber& tail = subscribe("web/app?tailLines=2");
  EXPECT_EQ(tail.told(), (Told{"line c", "line d"}));
  EXPECT_EQ(last_sequence(tail), 2);
  TestSubscriber& none = subscribe("web/app?tailLines=0");
  EXPECT_EQ(none.told(), Told{});
  TestSubscriber& since = subscribe("web/app?sinceSeconds=50");
  EXPECT_EQ(since.told(), (Told{"line d"}));
  write("e");
  for (const TestSubscriber* each : {&tail, &none, &since})
    EXPECT_EQ(each->told().back(), "line e");
  EXPECT_EQ(last_sequence(none), 1);
  EXPECT_EQ(requests(), 1);
}

TEST_F(PodLogSharing, WhoWantsMoreThanTheMemoryHoldsGetsAStreamOfItsOwn) {
  for (const char* text : {"a", "b", "c"})
    write(text);
  subscribe("web/app?tailLines=1");
  TestSubscriber& all = subscribe();
  EXPECT_EQ(all.told(), (Told{"line a", "line b", "line c"}));
  EXPECT_EQ(manager.active(), 2u);
  EXPECT_EQ(manager.keys(), (Told{"podlogs self team-a/web/app", "podlogs self team-a/web/app"}))
      << "one key: one backoff and breaker";
  TestSubscriber& third = subscribe();
  EXPECT_EQ(third.told(), all.told());
  EXPECT_EQ(manager.active(), 2u);
}

TEST_F(PodLogSharing, ThoseWhoComeTogetherShareOneRequestAlsoWhenTheyNameNoContainer) {
  write("a");
  std::vector<TestSubscriber*> all;
  for (const char* rest : {"web", "web", "web/app"}) {
    const std::string uri = std::string("k0rdent://podlogs/team-a/") + rest;
    subscribers.push_back(std::make_unique<TestSubscriber>(uri));
    all.push_back(subscribers.back().get());
    all.back()->feed = manager.subscribe(*all.back(), *Request::from_uri(uri));
  }
  for (TestSubscriber* each : all) {
    ASSERT_TRUE(run_until([&] { return each->deltas.size() == 1; }));
    EXPECT_EQ(each->told(), (Told{"line a"}));
  }
  EXPECT_EQ(requests(), 1);
  EXPECT_EQ(manager.active(), 1u);
  EXPECT_EQ(manager.subscribers(), 3u);
}

TEST_F(PodLogSharing, AnotherIdentitySharesNothing) {
  api.users()["alice-token"] = {.name = "alice", .uid = "1"};
  subscribe();
  const std::string uri = "k0rdent://podlogs/team-a/web/app";
  TestSubscriber alice(uri, {"alice", "alice-token"});
  alice.feed = manager.subscribe(alice, *Request::from_uri(uri));
  ASSERT_TRUE(run_until([&] { return alice.answered(); }));
  EXPECT_EQ(manager.active(), 2u);
  EXPECT_EQ(api.seen().back().user, "alice");
  alice.feed.reset();
}

TEST_F(PodLogSharing, TheLastOneThatGoesClosesTheStreamWithinTheTurn) {
  TestSubscriber& one = subscribe();
  TestSubscriber& two = subscribe();
  one.feed.reset();
  settle();
  EXPECT_EQ(api.open_streams("/log"), 1);
  two.feed.reset();
  EXPECT_EQ(manager.active(), 0u);
  settle();
  EXPECT_EQ(api.open_streams("/log"), 0);
}

TEST_F(PodLogSharing, ASlowFollowerDoesNotSlowAnotherAndIsToldWhatItMisses) {
  watch_settings.queue_messages = 4;
  logs::Manager small(managed());
  small.start();
  const std::string uri = "k0rdent://podlogs/team-a/web/app";
  TestSubscriber quick(uri), slow(uri);
  for (TestSubscriber* each : {&quick, &slow}) {
    each->feed = small.subscribe(*each, *Request::from_uri(uri));
    ASSERT_TRUE(run_until([&] { return each->answered(); }));
  }
  slow.room = 0;
  // More than its queue and the memory hold.
  const std::string long_line(10000, 'x');
  for (int i = 0; i < 60; ++i)
    write(std::to_string(i) + long_line);
  ASSERT_EQ(quick.deltas.size(), 60u);
  slow.make_room(1000);
  const Told is = slow.told();
  ASSERT_GT(is.size(), 5u);
  EXPECT_TRUE(is[3].starts_with("line 3x")) << "the queue";
  ASSERT_TRUE(is[4].starts_with("dropped ")) << is[4];
  const int dropped = std::stoi(is[4].substr(8));
  EXPECT_TRUE(is[5].starts_with("line " + std::to_string(4 + dropped) + "x")) << "the memory";
  EXPECT_TRUE(is.back().starts_with("line 59x"));
  EXPECT_EQ(static_cast<int>(is.size()), 60 - dropped + 1);
  EXPECT_EQ(last_sequence(slow), 60) << "those that were dropped use up their numbers";
  quick.feed.reset();
  slow.feed.reset();
  loop.run_once();
}

TEST_F(PodLogSharing, WhenNobodyTakesTheStreamIsPausedAndNothingIsLost) {
  TestSubscriber& one = subscribe("web/app", 1);
  TestSubscriber& two = subscribe("web/app", 1);
  for (int i = 0; i < 500; ++i)
    cluster.log("team-a", "web", "app", std::to_string(i) + std::string(10000, 'x'));
  settle();
  EXPECT_LE(one.deltas.size(), 1u);
  // One takes again: the other has its queue and the memory; here its turn comes soon enough.
  for (int i = 0; i < 600 && one.deltas.size() < 500; ++i) {
    one.make_room(1);
    two.make_room(1);
    settle();
  }
  ASSERT_EQ(one.deltas.size(), 500u);
  two.make_room(1000);
  settle();
  EXPECT_EQ(two.deltas.size(), 500u);
  EXPECT_EQ(manager.stats().dropped, 0u);
}

TEST_F(PodLogSharing, ADeletedPodIsSaidToAllAndTheirSubscriptionsEnd) {
  TestSubscriber& one = subscribe();
  TestSubscriber& slow = subscribe();
  slow.room = 0;
  write("last");
  cluster.delete_pod("team-a", "web");
  ASSERT_TRUE(run_until([&] { return one.ends == 1; }));
  EXPECT_EQ(one.told(), (Told{"line last", "end pod deleted"}));
  EXPECT_EQ(slow.ends, 0);
  slow.make_room(9);
  EXPECT_EQ(slow.told(), one.told());
  EXPECT_EQ(slow.ends, 1);
  EXPECT_EQ(manager.active(), 0u);
}

TEST_F(PodLogSharing, AnOpenBreakerRefusesWithTheTimeAndALineInTheLog) {
  subscribe();
  api.stop();
  pass(seconds(40));
  const std::string uri = "k0rdent://podlogs/team-a/web/app";
  TestSubscriber late(uri);
  late.feed = manager.subscribe(late, *Request::from_uri(uri));
  EXPECT_EQ(late.refusals, 1) << "at once";
  EXPECT_NE(late.refusal.message.find("try again in"), std::string::npos) << late.refusal.message;
  EXPECT_NE(log.find(R"("msg":"subscription refused","watch":"podlogs self team-a/web/app",)"
                     R"("breaker":"open")"),
            std::string::npos);
}

TEST_F(PodLogSharing, AnOutageIsToldInTheDialectOfLogs) {
  TestSubscriber& one = subscribe();
  pass(seconds(2));
  api.stop();
  pass(seconds(15));
  ASSERT_EQ(one.deltas.size(), 1u);
  base::json::Document doc;
  const auto stale = doc.parse(one.deltas[0]);
  EXPECT_EQ((*stale)["type"].str(), "stale");
  EXPECT_TRUE((*stale)["since"].present() && (*stale)["retryAt"].present());
  ASSERT_TRUE(api.start("127.0.0.1", api.port()).has_value());
  ASSERT_TRUE(run_until([&] { return one.deltas.size() >= 2; }));
  EXPECT_NE(one.deltas[1].find(R"("type":"fresh")"), std::string::npos);
}

// Its watches' memories count in a budget that it owns.
TEST_F(PodLogSharing, AManagerMayGoWithItsWatches) {
  write("a");
  auto other = std::make_unique<logs::Manager>(managed());
  other->start();
  const std::string uri = "k0rdent://podlogs/team-a/web/app";
  TestSubscriber one(uri);
  one.feed = other->subscribe(one, *Request::from_uri(uri));
  ASSERT_TRUE(run_until([&] { return one.deltas.size() == 1; }));
  other.reset();
  one.feed->on_room();
  one.feed.reset();
  settle();
  EXPECT_EQ(api.open_streams("/log"), 0);
}

}  // namespace
