// Near the memory limit nothing has room, whatever the sums of the budgets say.
#include "app/heap_gauge.h"

#include <cstdlib>
#include <cstring>
#include <vector>

#include <gtest/gtest.h>

#include "base/sanitized.h"
#include "support/watchdog.h"

namespace app {
namespace {

#if !K0RDENT_MCP_SANITIZED
constexpr std::size_t kMiB = base::limits::kMiB;

struct HeapGaugeTest : ::testing::Test {
  struct Clients {
    bool any() const { return there; }
    void on_full() { ++full; }
    bool there = true;
    int full = 0;
  };
  explicit HeapGaugeTest(std::size_t limit = 32 * kMiB) : budgets(limit) {}
  ~HeapGaugeTest() override {
    gauge.stop();
    trimmer.stop();
    empty();
  }
  // Memory that no budget counts.
  void hold(std::size_t bytes) {
    for (std::size_t i = 0; i < bytes / 2000; ++i) {
      pieces.push_back(std::malloc(2000));
      std::memset(pieces.back(), 1, 2000);
    }
  }
  void empty() {
    for (void* piece : pieces)
      std::free(piece);
    pieces.clear();
  }
  const test::QuietWatchdog quiet;  // the heap of all tests before
  loop::VirtualClock clock;
  loop::Loop loop{clock};
  base::Budgets budgets;
  Trimmer trimmer{loop};
  Clients clients;
  HeapGauge gauge{loop,
                  budgets,
                  trimmer,
                  {base::Delegate<bool()>::bind<&Clients::any>(&clients),
                   base::Delegate<void()>::bind<&Clients::on_full>(&clients)}};
  std::vector<void*> pieces;
};

// Bug: 150 sessions with four subscriptions each ended the process: the sums said 7 MB of 38.
TEST_F(HeapGaugeTest, WhatNoBudgetCountsFillsThem) {
  gauge.start();
  hold(4 * kMiB);
  gauge.note_work();
  loop.run_once();
  EXPECT_EQ(gauge.beyond(), 0u) << "the allowance";
  EXPECT_TRUE(budgets.lists.has_room(kMiB));
  hold(14 * kMiB);
  loop.run_once();
  EXPECT_FALSE(budgets.lists.has_room(1));
  EXPECT_FALSE(budgets.answers.has_room(1));
  EXPECT_EQ(clients.full, 1) << "what is idle ends";
  empty();
  loop.run_once();
  EXPECT_EQ(gauge.beyond(), 0u);
  EXPECT_TRUE(budgets.lists.has_room(kMiB));
}

// Bug: 20 reads came within the 10 ms after the last of 20 large changes, and all were refused for want of
// room that was there.
TEST_F(HeapGaugeTest, ABudgetWithoutRoomLooksAgain) {
  gauge.start();
  hold(18 * kMiB);
  gauge.note_work();
  loop.run_once();
  EXPECT_FALSE(budgets.answers.has_room(1));
  empty();
  const base::TimePoint end = loop::RealClock::monotonic() + base::seconds(10);
  while (!budgets.answers.has_room(1) &&
         loop::RealClock::monotonic() < end) {  // a look costs its time
  }
  EXPECT_TRUE(budgets.answers.has_room(kMiB));
  EXPECT_EQ(gauge.beyond(), 0u);
  EXPECT_EQ(loop.now().since, kGaugeEvery) << "without a turn of the loop";
}

TEST_F(HeapGaugeTest, WhatIsCountedIsNotCountedTwice) {
  gauge.start();
  base::Charge charge(budgets.lists);
  hold(5 * kMiB);
  charge.force(5 * kMiB);
  hold(5 * kMiB);
  gauge.note_work();
  loop.run_once();
  EXPECT_EQ(gauge.beyond(), 0u);
}

TEST_F(HeapGaugeTest, ItLooksSeldomWhileNothingChangesAndNotWithoutClients) {
  // Tests before this one may have left holes that start a trim, which has a timer of its own.
  const auto look = [&] {
    loop.run_once();
    trimmer.stop();
    return loop.now().since;
  };
  gauge.start();
  gauge.note_work();
  EXPECT_EQ(look(), kGaugeEvery);
  EXPECT_EQ(look(), kGaugeEvery + kGaugeLook);
  gauge.note_work();  // a request is looked at soon
  EXPECT_EQ(look(), 2 * kGaugeEvery + kGaugeLook);
  clients.there = false;
  look();
  EXPECT_EQ(loop.timers(), 0u);
}

struct WithoutLimit : HeapGaugeTest {
  WithoutLimit() : HeapGaugeTest(base::Budget::kNone) {}
};
TEST_F(WithoutLimit, ItDoesNothing) {
  gauge.start();
  gauge.note_work();
  EXPECT_EQ(loop.timers(), 0u);
}
#endif

}  // namespace
}  // namespace app
