// One first state for all who subscribe to one thing, however they spell it, and counted.
#include <gtest/gtest.h>

#include "events/manager.h"
#include "events/watch.h"
#include "support/tools_world.h"

namespace {

using test::TestSubscriber;

constexpr std::size_t kEvents = 50;

struct SnapshotShare : test::ToolsWorld {
  SnapshotShare() {
    budgets = &counted;
    events = std::make_unique<events::Manager>(managed());
    events->start();
    for (std::size_t i = 0; i < kEvents; ++i) {
      cluster.emit(
          {.ns = "team-a", .name = "e" + std::to_string(i), .message = std::string(1000, 'm')});
    }
  }
  ~SnapshotShare() override {
    subscribers.clear();
    loop.run_once();
    events.reset();
    loop.run_once();
  }
  // `room`: how many frames its client takes.
  TestSubscriber& subscribe(const std::string& uri, int room = 0) {
    subscribers.push_back(std::make_unique<TestSubscriber>(uri));
    TestSubscriber& one = *subscribers.back();
    one.room = room;
    one.feed = events->subscribe(one, *events::Selector::from_uri(uri));
    EXPECT_TRUE(run_until([&] { return one.answered(); }));
    return one;
  }
  // "team-a" with the letters percent-escaped that the bits of `which` say.
  static std::string spelled(unsigned which) {
    std::string out = "k0rdent://events/";
    for (const char c : std::string_view("team-a")) {
      if (which & 1u) {
        constexpr char kHex[] = "0123456789abcdef";
        out += {'%', kHex[c >> 4], kHex[c & 15]};
      } else {
        out += c;
      }
      which >>= 1u;
    }
    return out;
  }
  base::Budgets counted;
  std::unique_ptr<events::Manager> events;
  std::vector<std::unique_ptr<TestSubscriber>> subscribers;
};

// Bug: 63 spellings of one URI held 133 MiB, one snapshot each, and none of it was counted.
TEST_F(SnapshotShare, SpellingsOfOneUriShareOneThatCounts) {
  subscribe(spelled(0));
  const std::size_t one = counted.snapshots.used();
  EXPECT_GT(one, kEvents * 1000);
  for (unsigned which = 1; which < 64; ++which)
    subscribe(spelled(which));
  subscribe("K0RDENT://Events/team-a/?");
  EXPECT_EQ(counted.snapshots.used(), one);
  EXPECT_EQ(events->active(), 1U);
  EXPECT_EQ(api.count("list", "/events"), 1);
  for (const auto& each : subscribers) {
    each->make_room(1000);  // TestSubscriber compares the uri
    EXPECT_EQ(each->deltas.size(), kEvents) << each->uri();
  }
  pass(fanout::kSnapshotKept + base::seconds(1));
  EXPECT_EQ(counted.snapshots.used(), 0U) << "all have it";
}

// A caller whose share is used up is served all the same, a frame at a time.
TEST_F(SnapshotShare, WithoutRoomEachGetsItWithoutOneBeingKept) {
  counted.snapshots.set_share(10'000);
  TestSubscriber& slow = subscribe(spelled(0));
  EXPECT_EQ(counted.snapshots.used(), 0U);
  EXPECT_GT(counted.snapshots.refused(), 0U);
  slow.make_room(1000);
  EXPECT_EQ(slow.deltas.size(), kEvents);
}

}  // namespace
