// A caller has so many watches at the API server and no more.
#include <gtest/gtest.h>

#include "events/manager.h"
#include "support/tools_world.h"

namespace {

using test::TestSubscriber;

struct WatchShare : test::ToolsWorld {
  WatchShare() {
    counted.watches.set_share(3);
    budgets = &counted;
    events = std::make_unique<events::Manager>(managed());
    events->start();
  }
  ~WatchShare() override {
    subscribers.clear();
    loop.run_once();
    events.reset();
    loop.run_once();
  }
  TestSubscriber& subscribe(const std::string& query, const std::string& identity = "alice") {
    TestSubscriber& one = want(query, identity);
    EXPECT_TRUE(run_until([&] { return one.answered(); }));
    return one;
  }
  TestSubscriber& want(const std::string& query, const std::string& identity = "alice") {
    const std::string uri = "k0rdent://events/team-a" + query;
    subscribers.push_back(std::make_unique<TestSubscriber>(uri, mcp::Caller{identity, {}}));
    TestSubscriber& one = *subscribers.back();
    one.feed = events->subscribe(one, *events::Selector::from_uri(uri));
    return one;
  }
  static std::string label(int i) { return "?labelSelector=a%3D" + std::to_string(i); }
  base::Budgets counted;
  std::unique_ptr<events::Manager> events;
  std::vector<std::unique_ptr<TestSubscriber>> subscribers;
};

// Bug: 256 URIs that differed in labelSelector were 256 watches.
TEST_F(WatchShare, OneMoreIsRefusedWithTheReasonAndOthersGoOn) {
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(subscribe(label(i)).accepts, 1);
  const TestSubscriber& refused = subscribe(label(3));
  EXPECT_EQ(refused.accepts, 0);
  ASSERT_EQ(refused.refusals, 1);
  EXPECT_NE(refused.refusal.message.find("has 3 watches"), std::string::npos)
      << refused.refusal.message;
  EXPECT_NE(refused.refusal.message.find("try again in 5s"), std::string::npos);
  EXPECT_EQ(events->active(), 3U);
  EXPECT_EQ(counted.watches.refused(), 1U);
  EXPECT_EQ(subscribe(label(1)).accepts, 1) << "it shares one that is there";
  EXPECT_EQ(subscribe(label(3), "bob").accepts, 1) << "another caller";
}

TEST_F(WatchShare, OneThatEndsMakesRoom) {
  for (int i = 0; i < 3; ++i)
    subscribe(label(i));
  subscribers.erase(subscribers.begin());
  pass(fanout::kWatchLinger + base::seconds(1));
  EXPECT_EQ(counted.watches.used_by("alice"), 2U);
  EXPECT_EQ(subscribe(label(7)).accepts, 1);
}

// Bug: 25 callers with a graph each took 40 MB of 32: their connections were in no budget.
TEST_F(WatchShare, WithoutRoomForItAWatchIsRefusedWithTheTimeToComeBack) {
  subscribe(label(0));
  base::Charge others(counted.lists);
  others.force(counted.lists.limit());
  const TestSubscriber& refused = subscribe(label(1));
  EXPECT_EQ(refused.accepts, 0);
  ASSERT_EQ(refused.refusals, 1);
  EXPECT_NE(refused.refusal.message.find("no room for another watch"), std::string::npos)
      << refused.refusal.message;
  EXPECT_NE(refused.refusal.message.find("try again in 5s"), std::string::npos);
  EXPECT_EQ(subscribe(label(0)).accepts, 1) << "it shares one that is there";
  others.release();
  EXPECT_EQ(subscribe(label(1)).accepts, 1);
}

// Bug: many watches that were wanted at once all found room, since none of them held anything yet.
TEST_F(WatchShare, EachThatStartsNeedsRoom) {
  counted.watches.set_share(100);
  base::Charge others(counted.lists);
  others.force(counted.lists.limit() - 1024 * 1024);
  for (int i = 0; i < 5; ++i)
    want(label(i));
  EXPECT_EQ(counted.starting.used(), 4U);
  EXPECT_EQ(subscribers[4]->refusals, 1);
  EXPECT_TRUE(run_until([&] { return subscribers[3]->accepts == 1; }));
  EXPECT_EQ(counted.starting.used(), 0U);
  EXPECT_EQ(subscribe(label(4)).accepts, 1) << "what the others hold is counted now";
}

}  // namespace
