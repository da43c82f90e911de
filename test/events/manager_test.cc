// Subscriptions to events: one watch for all who share it, each state once, and no silent end.
#include "events/manager.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "support/tools_world.h"

namespace {

using base::milliseconds;
using base::seconds;
using test::TestSubscriber;
using test::ToolsWorld;
using Told = std::vector<std::string>;

constexpr const char* kUri = "k0rdent://events/team-a";
constexpr const char* kPath = "/apis/events.k8s.io/v1/namespaces/team-a/events";

struct EventManagerTest : ToolsWorld {
  EventManagerTest() { manager.start(); }
  ~EventManagerTest() override {
    subscribers.clear();
    manager.stop();
    loop.run_once();
  }
  TestSubscriber& subscribe(mcp::Caller caller = self(), std::string uri = kUri) {
    subscribers.push_back(std::make_unique<TestSubscriber>(std::move(uri), std::move(caller)));
    TestSubscriber& one = *subscribers.back();
    one.feed = manager.subscribe(one, *events::Selector::from_uri(one.uri()));
    return one;
  }
  // Waits for the answer and, if it was taken, for the watch.
  TestSubscriber& subscribed(mcp::Caller caller = self()) {
    TestSubscriber& one = subscribe(std::move(caller));
    EXPECT_TRUE(run_until([&] { return one.answered(); }));
    if (one.accepts) {
      EXPECT_TRUE(run_until([&] { return api.open_streams("/events") > 0; }));
    }
    return one;
  }
  void emit(const std::string& name, const std::string& message = "m") {
    cluster.emit({.ns = "team-a", .name = name, .message = message});
  }
  bool told(const TestSubscriber& one, std::size_t n) {
    const bool enough = run_until([&] { return one.deltas.size() >= n; });
    settle();
    return enough && one.deltas.size() == n;
  }
  static std::string last(const TestSubscriber& one) {
    return one.deltas.empty() ? "" : one.told().back();
  }

  events::Manager manager{managed()};
  std::vector<std::unique_ptr<TestSubscriber>> subscribers;
};

TEST_F(EventManagerTest, FirstWhatIsThereInItsOrderThenEachChangeOnce) {
  for (const char* name : {"c", "a", "b"})
    emit(name);
  TestSubscriber& one = subscribed();
  emit("d");
  emit("a", "again");
  cluster.delete_event("team-a", "c");
  ASSERT_TRUE(told(one, 6));
  EXPECT_EQ(one.told(), (Told{"ADDED c m", "ADDED a m", "ADDED b m", "ADDED d m",
                              "MODIFIED a again", "DELETED c m"}));
  EXPECT_EQ(one.accepts, 1);
}

TEST_F(EventManagerTest, SubscribersOfOneIdentityShareOneWatchAndItsFrames) {
  TestSubscriber& one = subscribe();
  TestSubscriber& two = subscribe();
  ASSERT_TRUE(run_until([&] { return one.answered() && two.answered(); }));
  ASSERT_TRUE(run_until([&] { return api.open_streams("/events") == 1; }));
  emit("a");
  ASSERT_TRUE(told(one, 1));
  ASSERT_TRUE(told(two, 1));
  EXPECT_EQ(one.frames[0].view().data(), two.frames[0].view().data()) << "serialised once";
  EXPECT_EQ(manager.active(), 1u);
  EXPECT_EQ(api.count("list", kPath), 1);
  EXPECT_EQ(api.count("watch", kPath), 1);
}

TEST_F(EventManagerTest, EachSubscriberGetsTheUriItSubscribedTo) {
  TestSubscriber& one = subscribe(self(), "k0rdent://events/team-a");
  TestSubscriber& two = subscribe(self(), "K0RDENT://Events/team-a/");
  TestSubscriber& three = subscribe(self(), "k0rdent://events/team-a");
  ASSERT_TRUE(run_until([&] { return api.open_streams("/events") == 1; }));
  emit("a");  // TestSubscriber compares the uri
  EXPECT_TRUE(told(one, 1) && told(two, 1) && told(three, 1));
}

TEST_F(EventManagerTest, AnotherIdentityHasAWatchOfItsOwn) {
  api.users()["alice-token"] = {.name = "alice", .uid = "1"};
  subscribed();
  subscribed({"alice", "alice-token"});
  EXPECT_EQ(manager.active(), 2u);
  ASSERT_TRUE(run_until([&] { return api.open_streams("/events") == 2; }));
  EXPECT_EQ(api.seen().back().user, "alice");
}

TEST_F(EventManagerTest, ALateSubscriberGetsThePresentStateFromMemory) {
  TestSubscriber& one = subscribed();
  emit("a");
  emit("b");
  cluster.delete_event("team-a", "a");
  ASSERT_TRUE(told(one, 3));
  TestSubscriber& two = subscribe();
  EXPECT_EQ(two.accepts, 1) << "at once";
  EXPECT_EQ(two.told(), (Told{"ADDED b m"}));
  emit("b", "again");
  ASSERT_TRUE(told(two, 2));
  EXPECT_EQ(last(two), "MODIFIED b again");
  EXPECT_EQ(api.count("list", kPath), 1);
}

TEST_F(EventManagerTest, TheWatchLingersWithoutSubscribersAndThenCloses) {
  TestSubscriber& one = subscribed();
  TestSubscriber& two = subscribed();
  one.feed.reset();
  two.feed.reset();
  pass(fanout::kWatchLinger - base::milliseconds(1));
  EXPECT_EQ(manager.active(), 1u);
  EXPECT_EQ(manager.subscribers(), 0u);
  EXPECT_EQ(api.open_streams("/events"), 1);
  pass(base::milliseconds(2));
  EXPECT_EQ(manager.active(), 0u);
  EXPECT_EQ(api.open_streams("/events"), 0);
}

TEST_F(EventManagerTest, WhoComesBackWithinTheLingerGetsTheSnapshotFromMemory) {
  TestSubscriber& one = subscribed();
  emit("a");
  ASSERT_TRUE(told(one, 1));
  one.feed.reset();
  pass(fanout::kWatchLinger / 2);
  emit("b");
  settle();
  TestSubscriber& two = subscribe();
  EXPECT_EQ(two.told(), (Told{"ADDED a m", "ADDED b m"})) << "at once";
  EXPECT_EQ(api.count("list", kPath), 1);
  pass(seconds(60));
  emit("c");
  ASSERT_TRUE(told(two, 3));
  EXPECT_EQ(api.count("watch", kPath), 1);
}

TEST_F(EventManagerTest, ALingeringWatchIsUsedWithTheTokenOfWhoComes) {
  api.users()["first"] = {.name = "alice-first", .uid = "1"};
  api.users()["second"] = {.name = "alice-second", .uid = "1"};
  subscribed({"alice", "first"}).feed.reset();
  subscribe({"alice", "second"});
  pass(seconds(2));
  api.end_streams("/events");
  ASSERT_TRUE(run_until([&] { return api.count("watch", kPath) == 2; }));
  EXPECT_EQ(api.seen().back().user, "alice-second");
}

TEST_F(EventManagerTest, OneThatGoesBeforeTheAnswerLeavesNothingBehind) {
  subscribe().feed.reset();
  settle();
  EXPECT_EQ(manager.active(), 0u);
  EXPECT_EQ(api.count("list"), 0);
  EXPECT_EQ(client->stats().connections, 0u);
}

// ---- refusals

TEST_F(EventManagerTest, AFirstListThatFailsRefusesAllWhoWait) {
  answer("list", kPath, sim::internal_error("etcd is away"), -1);
  TestSubscriber& one = subscribe();
  TestSubscriber& two = subscribe();
  ASSERT_TRUE(run_until([&] { return one.answered() && two.answered(); }));
  for (const TestSubscriber* each : {&one, &two}) {
    EXPECT_EQ(each->refusals, 1);
    EXPECT_EQ(each->refusal.code, mcp::RpcCode::internal_error);
    EXPECT_TRUE(each->refusal.message.starts_with("watch events: ")) << each->refusal.message;
    EXPECT_NE(each->refusal.message.find("etcd is away"), std::string::npos);
  }
  EXPECT_EQ(manager.active(), 0u);
  const int lists = api.count("list", kPath);
  pass(seconds(120));
  EXPECT_EQ(api.count("list", kPath), lists) << "nobody is left to try for";
}

TEST_F(EventManagerTest, ARefusalByTheApiServerIsHandedOnAndNeverCounts) {
  deny("list", "events");
  for (int i = 0; i < 8; ++i) {
    TestSubscriber& one = subscribed();
    EXPECT_TRUE(one.refusal.message.starts_with("watch events: events is forbidden"))
        << one.refusal.message;
    EXPECT_TRUE(one.refusal.message.ends_with("resources: [events], verbs: [list, watch]}"))
        << one.refusal.message;
  }
  allow_all();
  EXPECT_EQ(subscribed().accepts, 1);
}

TEST_F(EventManagerTest, FiveFailuresOpenTheBreakerWhichSaysWhenToTryAgain) {
  answer("list", kPath, sim::internal_error("etcd is away"), 5);
  for (const int delay : {0, 1, 2, 4, 8}) {
    pass(milliseconds(1200 * delay));
    EXPECT_EQ(subscribed().refusals, 1);
  }
  const std::size_t asked = api.seen().size();
  TestSubscriber& one = subscribe();
  EXPECT_EQ(one.refusals, 1) << "at once";
  EXPECT_EQ(one.feed, nullptr);
  EXPECT_EQ(one.refusal.message.substr(0, 95),
            "events of namespace 'team-a' cannot be watched now: the API server kept failing; try "
            "again in 3")
      << "30 s and their spread";
  EXPECT_EQ(api.seen().size(), asked);
  pass(seconds(30));
  EXPECT_EQ(subscribed().accepts, 1);
}

TEST_F(EventManagerTest, AnApiServerThatIsAwayCountsToo) {
  api.stop();
  for (const int delay : {0, 1, 2, 4, 8}) {
    pass(milliseconds(1200 * delay));
    EXPECT_EQ(subscribed().refusals, 1);
  }
  EXPECT_NE(subscribe().refusal.message.find("try again in"), std::string::npos);
}

TEST_F(EventManagerTest, CoreEventsTakeOverWhereTheNewApiIsRefused) {
  deny("", "events", "events.k8s.io");
  emit("a");
  TestSubscriber& one = subscribed();
  ASSERT_TRUE(run_until([&] { return api.open_streams("/api/v1/namespaces/team-a/events") == 1; }));
  emit("b");
  ASSERT_TRUE(told(one, 2));
  EXPECT_EQ(one.told(), (Told{"ADDED a m", "ADDED b m"}));
  EXPECT_EQ(one.refusals, 0);
}

// ---- what happens later

TEST_F(EventManagerTest, AWatchThatIsRefusedLaterTellsItOnceAndAgainAfterARecovery) {
  TestSubscriber& one = subscribed();
  const auto errors = [&] {
    int n = 0;
    for (const std::string& each : one.told())
      n += each.starts_with("ERROR ") ? 1 : 0;
    return n;
  };
  deny("", "events");
  api.end_streams("/events");
  ASSERT_TRUE(run_until([&] { return errors() == 1; }));
  EXPECT_TRUE(
      last(one).starts_with("ERROR  the API server refuses the watch: events.events.k8s.io is"))
      << last(one);
  EXPECT_TRUE(last(one).ends_with("; it will be retried"));
  pass(seconds(1800));
  EXPECT_EQ(errors(), 1);
  // Who comes now is told so as well.
  TestSubscriber& late = subscribe();
  EXPECT_EQ(late.told(), (Told{last(one)}));
  allow_all();
  ASSERT_TRUE(run_until([&] { return api.open_streams("/events") == 1; }));
  emit("a");
  ASSERT_TRUE(run_until([&] { return last(one) == "ADDED a m"; }));
  pass(seconds(2));
  deny("", "events");
  api.end_streams("/events");
  ASSERT_TRUE(run_until([&] { return errors() == 2; }));
  EXPECT_EQ(one.ends, 0);
}

// One 400 on a watch that had worked ended its subscriptions for good.
TEST_F(EventManagerTest, AWatchThatIsRefusedAsWrongAfterItWorkedIsTriedAgainAndSaysSo) {
  TestSubscriber& one = subscribed();
  emit("a");
  ASSERT_TRUE(told(one, 1));
  answer("watch", kPath, sim::bad_request("unknown parameter"), 4);
  pass(seconds(2));
  api.end_streams("/events");
  const auto was_told = [&](const std::string& what) {
    const Told all = one.told();
    return std::find(all.begin(), all.end(), what) != all.end();
  };
  ASSERT_TRUE(run_until([&] {
    return was_told(
        "ERROR  the API server refuses the watch: unknown parameter; it will be retried");
  }));
  emit("b");
  ASSERT_TRUE(run_until([&] { return was_told("ADDED b m"); }));
  EXPECT_EQ(one.ends, 0);
  EXPECT_EQ(manager.active(), 1u);
}

TEST_F(EventManagerTest, ARestartOfTheApiServerLosesNothingAndRepeatsNothing) {
  TestSubscriber& one = subscribed();
  emit("a");
  emit("b");
  ASSERT_TRUE(told(one, 2));
  api.stop();
  settle();
  cluster.delete_event("team-a", "a");
  emit("c");
  ASSERT_TRUE(api.start("127.0.0.1", api.port()).has_value());
  ASSERT_TRUE(run_until([&] { return one.deltas.size() >= 4; }));
  pass(seconds(5));
  EXPECT_EQ(one.told(), (Told{"ADDED a m", "ADDED b m", "DELETED a m", "ADDED c m"}));
}

// ---- tokens

TEST_F(EventManagerTest, AFreshTokenIsUsedFromTheNextRequestOn) {
  api.users()["old"] = {.name = "alice", .uid = "1"};
  TestSubscriber& one = subscribed({"alice", "old"});
  api.users()["new"] = {.name = "alice-anew", .uid = "1"};
  one.renew("new");
  api.users().erase("old");
  api.end_streams("/events");
  ASSERT_TRUE(run_until([&] { return api.count("watch", kPath) == 2; }));
  EXPECT_EQ(api.seen().back().user, "alice-anew");
  EXPECT_EQ(one.deltas.size(), 0u);
}

TEST_F(EventManagerTest, ATokenThatRunsOutGivesWayToAnotherSubscribers) {
  api.users()["old"] = {.name = "alice", .uid = "1"};
  api.users()["new"] = {.name = "alice-anew", .uid = "1"};
  TestSubscriber& one = subscribed({"alice", "old"});
  TestSubscriber& two = subscribed({"alice", "new"});
  EXPECT_EQ(manager.active(), 1u);
  api.users().erase("old");
  pass(seconds(2));
  api.end_streams("/events");
  ASSERT_TRUE(run_until([&] { return api.open_streams("/events") == 1; }));
  EXPECT_EQ(api.seen().back().user, "alice-anew");
  EXPECT_EQ(one.deltas.size() + two.deltas.size(), 0u);
  // None is left: now it is told.
  api.users().erase("new");
  pass(seconds(2));
  api.end_streams("/events");
  ASSERT_TRUE(run_until([&] { return one.deltas.size() == 1 && two.deltas.size() == 1; }));
  EXPECT_TRUE(last(one).starts_with("ERROR  the API server refuses the watch: Unauthorized"))
      << last(one);
}

TEST_F(EventManagerTest, WhoLeavesTakesItsTokenAlong) {
  api.users()["first"] = {.name = "alice-first", .uid = "1"};
  api.users()["second"] = {.name = "alice-second", .uid = "1"};
  TestSubscriber& one = subscribed({"alice", "first"});
  subscribed({"alice", "second"});
  one.feed.reset();
  pass(seconds(2));
  api.end_streams("/events");
  ASSERT_TRUE(run_until([&] { return api.count("watch", kPath) == 2; }));
  EXPECT_EQ(api.seen().back().user, "alice-second");
}

// ---- slow subscribers

TEST_F(EventManagerTest, ASnapshotLargerThanAnyQueueArrivesWholeAndBeforeWhatFollows) {
  const int many = static_cast<int>(base::limits::kStreamQueueMessages) + 500;
  for (int i = 0; i < many; ++i)
    emit("e" + std::to_string(i));
  subscribers.push_back(std::make_unique<TestSubscriber>(kUri));
  TestSubscriber& slow = *subscribers.back();
  slow.room = 10;
  slow.feed = manager.subscribe(slow, *events::Selector::from_uri(kUri));
  ASSERT_TRUE(run_until([&] { return api.open_streams("/events") == 1; }));
  emit("later");
  settle();
  slow.room = 1;  // a session has room, but it is the snapshot's
  cluster.delete_event("team-a", "e0");
  settle();
  EXPECT_EQ(slow.deltas.size(), 10u);
  while (static_cast<int>(slow.deltas.size()) < many + 2) {
    const std::size_t before = slow.deltas.size();
    slow.make_room(700);
    ASSERT_GT(slow.deltas.size(), before);
  }
  const Told all = slow.told();
  for (int i = 0; i < many; ++i)
    ASSERT_EQ(all[static_cast<std::size_t>(i)], "ADDED e" + std::to_string(i) + " m");
  EXPECT_EQ(all[all.size() - 2], "ADDED later m");
  EXPECT_EQ(all.back(), "DELETED e0 m");
}

TEST_F(EventManagerTest, OneThatIsTooSlowIsToldHowMuchItMissesAndOthersMissNothing) {
  TestSubscriber& slow = subscribed();
  TestSubscriber& quick = subscribed();
  slow.room = 0;
  const int many = static_cast<int>(base::limits::kStreamQueueMessages) + 7;
  for (int i = 0; i < many; ++i)
    emit("e" + std::to_string(i));
  ASSERT_TRUE(run_until([&] { return static_cast<int>(quick.deltas.size()) == many; }));
  slow.make_room(1 << 20);
  const Told is = slow.told();
  ASSERT_EQ(is.size(), static_cast<std::size_t>(many) + 1);
  const auto marker = std::find_if(
      is.begin(), is.end(), [](const std::string& each) { return each.starts_with("dropped "); });
  ASSERT_NE(marker, is.end());
  const auto after = static_cast<std::size_t>(is.end() - marker) - 1;
  EXPECT_EQ(*marker, "dropped " + std::to_string(after)) << "and what they came to follows";
  EXPECT_LE(static_cast<std::size_t>(marker - is.begin()), base::limits::kStreamQueueMessages);
  const std::string& text = slow.deltas[static_cast<std::size_t>(marker - is.begin())];
  EXPECT_NE(text.find(R"("action":"DROPPED")"), std::string::npos);
  EXPECT_EQ(text.find(R"("event")"), std::string::npos);
  EXPECT_EQ(manager.stats().dropped, after);
  emit("next");
  ASSERT_TRUE(run_until([&] { return last(slow) == "ADDED next m"; }));
}

// ---- the end

TEST_F(EventManagerTest, AnEndSaysWhyAndIsTheLastWord) {
  TestSubscriber& one = subscribed();
  TestSubscriber& slow = subscribed();
  slow.room = 0;
  emit("a");
  ASSERT_TRUE(told(one, 1));
  for (TestSubscriber* each : {&one, &slow})
    each->feed->on_ending("the server is shutting down");
  emit("b");
  settle();
  manager.stop();
  EXPECT_EQ(manager.active(), 0u);
  EXPECT_EQ(one.told(),
            (Told{"ADDED a m", "ERROR  subscription ends: the server is shutting down"}));
  slow.make_room(9);
  EXPECT_EQ(slow.told(), one.told());
}

TEST_F(EventManagerTest, AfterStopNobodyIsTakenAndFeedsStaySilent) {
  TestSubscriber& one = subscribed();
  TestSubscriber& waiting = subscribe({"other", {}});
  manager.stop();
  settle();
  EXPECT_EQ(api.open_streams(), 0);
  EXPECT_EQ(subscribe().refusal.message, "the server is shutting down");
  emit("a");
  settle();
  one.feed->on_room();
  one.feed->on_credentials({"self", "x"});
  one.feed->on_ending("again");
  EXPECT_EQ(one.told(), (Told{"ERROR  subscription ends: again"})) << "only its last words";
  EXPECT_FALSE(waiting.answered());
}

}  // namespace
