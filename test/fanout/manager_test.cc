// What all managers share: their life below the server's scope, what is told of an outage, and that
// stop() ends everything and says what is left.
#include "events/manager.h"

#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "base/text.h"
#include "logs/manager.h"
#include "support/tools_world.h"

namespace {

using base::seconds;
using test::TestSubscriber;
using test::ToolsWorld;
using Told = std::vector<std::string>;

constexpr const char* kUri = "k0rdent://events/team-a";

struct WatchManagerTest : ToolsWorld {
  ~WatchManagerTest() override {
    subscribers.clear();
    loop.run_once();
    events.reset();
    loop.run_once();
  }
  TestSubscriber& subscribe() {
    subscribers.push_back(std::make_unique<TestSubscriber>(kUri));
    TestSubscriber& one = *subscribers.back();
    one.feed = events->subscribe(one, *events::Selector::from_uri(kUri));
    return one;
  }
  TestSubscriber& subscribed() {
    TestSubscriber& one = subscribe();
    EXPECT_TRUE(run_until([&] { return one.accepts == 1; }));
    EXPECT_TRUE(run_until([&] { return api.open_streams("/events") > 0; }));
    pass(seconds(2));  // confirmed
    return one;
  }
  static std::string action(const std::string& delta) {
    base::json::Document doc;
    return std::string((*doc.parse(delta))["action"].str());
  }
  Told actions(const TestSubscriber& one) {
    Told out;
    for (const std::string& each : one.deltas)
      out.push_back(action(each));
    return out;
  }
  void on_stopped(const fanout::StopReport& report) {
    ++stops;
    left = report.left;
    took = report.took;
  }
  fanout::Manager::StopFn stopped() {
    return fanout::Manager::StopFn::bind<&WatchManagerTest::on_stopped>(this);
  }
  std::unique_ptr<events::Manager> events = std::make_unique<events::Manager>(managed());
  std::vector<std::unique_ptr<TestSubscriber>> subscribers;
  int stops = 0;
  Told left;
  base::Duration took{};
};

// ---- life

TEST_F(WatchManagerTest, BeforeStartAndAfterStopSubscriptionsAreRefusedWithTheReason) {
  EXPECT_EQ(subscribe().refusal.message, "the server is starting; try again in 1s");
  events->start();
  EXPECT_EQ(subscribed().accepts, 1);
  events->stop();
  EXPECT_EQ(subscribe().refusal.message, "the server is shutting down");
}

TEST_F(WatchManagerTest, AWatchDerivesItsScopeFromTheManagersAndThatFromTheServers) {
  events->start();
  subscribed();
  EXPECT_EQ(context->scope.names(), (Told{"events"}));
  EXPECT_EQ(events->scope().names(), (Told{"events self team-a"}));
  EXPECT_EQ(events->scope().active(), 1u) << "the count of what runs";
}

TEST_F(WatchManagerTest, ACancelledServerEndsEveryWatchInTheSameCall) {
  events->start();
  subscribed();
  context->scope.cancel();
  EXPECT_EQ(events->active(), 0u);
  settle();
  EXPECT_EQ(api.open_streams(), 0);
  EXPECT_EQ(subscribe().refusal.message, "the server is shutting down");
}

TEST_F(WatchManagerTest, StopClosesEverythingAndSaysCleanInALaterCall) {
  events->start();
  subscribed();
  events->stop(seconds(10), stopped());
  EXPECT_EQ(stops, 0) << "never inside the call that asks";
  settle();
  EXPECT_EQ(stops, 1);
  EXPECT_EQ(left, Told{});
  EXPECT_EQ(took, base::Duration::zero());
  EXPECT_EQ(events->scope().active(), 0u);
  EXPECT_EQ(api.open_streams(), 0);
  pass(seconds(20));
  EXPECT_EQ(stops, 1);
}

TEST_F(WatchManagerTest, StopOfAManagerWithoutWatchesIsCleanToo) {
  events->stop(seconds(10), stopped());
  settle();
  EXPECT_EQ(stops, 1);
  EXPECT_EQ(left, Told{});
}

TEST_F(WatchManagerTest, StopWaitsUntilItsDeadlineAndNamesWhatIsLeft) {
  events->start();
  subscribed();
  auto stuck = std::make_unique<loop::Scope>(events->scope(), "stuck watch", loop::Scope::Fn());
  events->stop(seconds(10), stopped());
  pass(seconds(9));
  EXPECT_EQ(stops, 0);
  pass(seconds(2));
  EXPECT_EQ(stops, 1);
  EXPECT_EQ(left, (Told{"stuck watch"}));
  EXPECT_EQ(took, seconds(10));
  EXPECT_NE(log.find(R"("msg":"watch did not end in time","watch":"stuck watch")"),
            std::string::npos)
      << log;
  stuck.reset();
  settle();
  EXPECT_EQ(stops, 1);
}

TEST_F(WatchManagerTest, WhatEndsBeforeTheDeadlineEndsTheStop) {
  auto slow = std::make_unique<loop::Scope>(events->scope(), "slow watch", loop::Scope::Fn());
  events->stop(seconds(10), stopped());
  pass(seconds(3));
  EXPECT_EQ(stops, 0);
  slow.reset();
  settle();
  EXPECT_EQ(stops, 1);
  EXPECT_EQ(left, Told{});
  EXPECT_EQ(took, seconds(3));
}

TEST_F(WatchManagerTest, WithAnApiServerThatNeverAnswersItStopsAsFast) {
  events->start();
  api.faults().add({.match = {.verb = "list", .path = "/events"}, .never = true});
  subscribe();
  ASSERT_TRUE(run_until([&] { return api.count("list") == 1; }));
  events->stop(seconds(10), stopped());
  settle();
  EXPECT_EQ(stops, 1);
  EXPECT_EQ(took, base::Duration::zero());
}

TEST_F(WatchManagerTest, WithARetryPendingItStopsAsFast) {
  events->start();
  subscribed();
  api.stop();
  pass(seconds(20));
  EXPECT_GT(loop.timers(), 0u);
  events->stop(seconds(10), stopped());
  ASSERT_TRUE(run_until([&] { return stops == 1; }));
  EXPECT_EQ(took, base::Duration::zero());
  EXPECT_EQ(left, Told{});
  EXPECT_EQ(events->scope().active(), 0u);
}

TEST_F(WatchManagerTest, SaysOfEachWatchHowItIs) {
  events->start();
  subscribed();
  subscribed();
  const std::vector<fanout::WatchInfo> infos = events->watches();
  ASSERT_EQ(infos.size(), 1u);
  EXPECT_EQ(infos[0].manager, "events");
  EXPECT_EQ(infos[0].key, "events self team-a");
  EXPECT_EQ(infos[0].identity, "self");
  EXPECT_EQ(infos[0].subscribers, 2u);
  EXPECT_EQ(infos[0].status.state, "confirmed");
  EXPECT_FALSE(infos[0].status.resource_version.empty());
}

// ---- outages

TEST_F(WatchManagerTest, AfterTenSecondsOfOutageEachSubscriberHearsItOnceAndOnceThatItIsOver) {
  events->start();
  TestSubscriber& one = subscribed();
  TestSubscriber& two = subscribed();
  const std::string down = base::format_rfc3339(loop.wall_now(), 3);
  api.stop();
  pass(seconds(9));
  EXPECT_EQ(one.deltas.size(), 0u);
  pass(seconds(3));
  ASSERT_EQ(actions(one), (Told{"STALE"}));
  EXPECT_EQ(actions(two), (Told{"STALE"}));
  EXPECT_EQ(one.frames[0].view().data(), two.frames[0].view().data()) << "made once";
  base::json::Document doc;
  const auto stale = doc.parse(one.deltas[0]);
  EXPECT_FALSE((*stale)["event"].present());
  EXPECT_EQ((*stale)["since"].str().substr(0, 18), down.substr(0, 18));
  EXPECT_GT(std::string((*stale)["retryAt"].str()), base::format_rfc3339(loop.wall_now(), 3));
  EXPECT_NE((*stale)["message"].str().find("refused"), std::string_view::npos);
  pass(seconds(200));
  EXPECT_EQ(one.deltas.size(), 1u) << "once";
  ASSERT_TRUE(api.start("127.0.0.1", api.port()).has_value());
  ASSERT_TRUE(run_until([&] { return one.deltas.size() == 2; }));
  EXPECT_EQ(actions(one), (Told{"STALE", "FRESH"}));
  EXPECT_EQ(actions(two), (Told{"STALE", "FRESH"}));
}

TEST_F(WatchManagerTest, AShortOutageIsNobodysBusiness) {
  events->start();
  TestSubscriber& one = subscribed();
  api.stop();
  pass(seconds(6));
  ASSERT_TRUE(api.start("127.0.0.1", api.port()).has_value());
  pass(seconds(60));
  EXPECT_EQ(one.deltas.size(), 0u);
}

TEST_F(WatchManagerTest, WhoJoinsWhileItIsStaleHearsItAfterTheSnapshot) {
  events->start();
  cluster.emit({.ns = "team-a", .name = "a", .message = "m"});
  subscribed();
  api.stop();
  pass(seconds(15));
  TestSubscriber& late = subscribe();
  EXPECT_EQ(late.accepts, 1);
  EXPECT_EQ(actions(late), (Told{"ADDED", "STALE"}));
  ASSERT_TRUE(api.start("127.0.0.1", api.port()).has_value());
  ASSERT_TRUE(run_until([&] { return late.deltas.size() == 3; }));
  EXPECT_EQ(actions(late).back(), "FRESH");
}

TEST_F(WatchManagerTest, WhoWasTooSlowToHearOfAnOutageNeedNotHearOfItsEnd) {
  events->start();
  TestSubscriber& slow = subscribed();
  slow.room = 0;
  api.stop();
  pass(seconds(15));
  ASSERT_TRUE(api.start("127.0.0.1", api.port()).has_value());
  pass(seconds(60));
  slow.make_room(9);
  EXPECT_EQ(slow.deltas.size(), 0u);
}

TEST_F(WatchManagerTest, ThePeriodIsASetting) {
  watch_settings.stale_after = seconds(60);
  events = std::make_unique<events::Manager>(managed());
  events->start();
  TestSubscriber& one = subscribed();
  api.stop();
  pass(seconds(50));
  EXPECT_EQ(one.deltas.size(), 0u);
  pass(seconds(20));
  EXPECT_EQ(actions(one), (Told{"STALE"}));
}

// ---- slow subscribers

TEST_F(WatchManagerTest, ASlowOneEndsWithTheStoreWhateverItMissed) {
  watch_settings.queue_messages = 8;
  events = std::make_unique<events::Manager>(managed());
  events->start();
  for (int i = 0; i < 10; ++i)
    cluster.emit({.ns = "team-a", .name = "old" + std::to_string(i), .message = "m"});
  TestSubscriber& slow = subscribed();
  TestSubscriber& quick = subscribed();
  slow.room = 0;
  for (int i = 0; i < 30; ++i) {
    const std::string n = std::to_string(i);
    cluster.emit({.ns = "team-a", .name = "new" + n, .message = "m"});
    if (i < 10) cluster.delete_event("team-a", "old" + n);
    if (i % 3 == 0) cluster.delete_event("team-a", "new" + n);
    settle();
  }
  ASSERT_TRUE(run_until([&] { return quick.deltas.size() == 10u + 30 + 10 + 10; }));
  while (slow.deltas.size() < 20) {
    const std::size_t before = slow.deltas.size();
    slow.make_room(3);
    if (slow.deltas.size() == before) break;
  }
  slow.make_room(1000);
  // Both clients apply what they were told.
  const auto view = [](const TestSubscriber& one) {
    std::map<std::string, int> out;
    for (const std::string& each : one.told()) {
      const std::vector<std::string_view> words = base::split(each, ' ');
      if (words[0] == "ADDED") {
        EXPECT_EQ(++out[std::string(words[1])], 1) << each;
      }
      if (words[0] == "DELETED") out.erase(std::string(words[1]));
    }
    return out;
  };
  EXPECT_EQ(view(slow), view(quick));
  const Told is = slow.told();
  EXPECT_EQ(std::count_if(is.begin(), is.end(),
                          [](const std::string& each) { return each.starts_with("dropped "); }),
            1);
  EXPECT_GT(events->stats().dropped, 0u);
}

TEST_F(WatchManagerTest, ManyWaitingForTheSameCountOnceInTheBudget) {
  events->start();
  std::vector<TestSubscriber*> all;
  for (int i = 0; i < 20; ++i)
    all.push_back(&subscribed());
  for (TestSubscriber* each : all)
    each->room = 0;
  cluster.emit({.ns = "team-a", .name = "a", .message = std::string(500, 'x')});
  settle();
  EXPECT_GT(budget.used(), 1000u);
  EXPECT_LT(budget.used(), 4000u) << "not twenty times";
  for (TestSubscriber* each : all)
    each->make_room(9);
  EXPECT_EQ(budget.used(), 0u);
}

}  // namespace
