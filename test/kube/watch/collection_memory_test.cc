// What a collection holds is counted while it is held, and freed in portions.
#include "loop/reaper.h"
#include "support/reflector_world.h"

namespace {

using kube::watch::Collection;
using loop::kReapedAtOnce;
using loop::Reaper;

struct CollectionMemory : ::testing::Test {
  CollectionMemory() { collection.attach("a watch", {.budget = &budget}); }
  ~CollectionMemory() override { collection.clear(); }
  void put(std::size_t objects) {
    for (std::size_t i = 0; i < objects; ++i) {
      base::json::Document doc;
      ASSERT_TRUE(collection.put(*doc.parse(test::object("n" + std::to_string(i), "1"))));
    }
  }
  loop::VirtualClock clock;
  loop::Loop loop{clock};
  base::Budget budget{base::Budget::kNone};
  test::ReflectorOwner store;
  Collection collection{store};
};

// Bug: a streamed list of a million objects was in no budget until it was whole.
TEST_F(CollectionMemory, AStreamedListCountsWhileItIsRead) {
  collection.begin_list(true);
  EXPECT_EQ(budget.used(), kube::watch::kWatchBytes) << "the watch itself";
  put(100);
  const std::size_t read = budget.used();
  EXPECT_GT(read, kube::watch::kWatchBytes + 100 * kube::watch::kEntryBytes);
  ASSERT_TRUE(collection.end_list());
  EXPECT_EQ(budget.used(), read) << "once, not twice";
  collection.begin_list(true);
  put(50);
  EXPECT_GT(budget.used(), read);
  collection.drop_list();
  EXPECT_EQ(budget.used(), read) << "it broke off";
  collection.clear();
  EXPECT_EQ(budget.used(), 0u);
}

// Bug: unsubscribing while a large list was read held the loop for 80 ms.
TEST_F(CollectionMemory, WhatIsGivenUpIsFreedInPortions) {
  Reaper reaper(loop);
  collection.begin_list(true);
  put(3 * kReapedAtOnce + 1);
  collection.drop_list();
  EXPECT_EQ(budget.used(), kube::watch::kWatchBytes);
  for (std::size_t left = 3 * kReapedAtOnce + 1; left > 0;) {
    EXPECT_EQ(reaper.left(), left);
    loop.run_once();
    left -= std::min(left, kReapedAtOnce);
  }
  EXPECT_EQ(reaper.left(), 0u);
  EXPECT_EQ(loop.timers(), 0u);
}

TEST_F(CollectionMemory, AllThatIsKnownIsFreedInPortionsToo) {
  auto reaper = std::make_unique<Reaper>(loop);
  collection.begin_list(false);
  put(2 * kReapedAtOnce);
  ASSERT_TRUE(collection.end_list());
  collection.clear();
  EXPECT_EQ(reaper->left(), 2 * kReapedAtOnce);
  EXPECT_EQ(budget.used(), 0u);
  reaper.reset();  // frees the rest
  collection.begin_list(false);
  put(2 * kReapedAtOnce);
  collection.clear();  // there is none: at once
  EXPECT_EQ(budget.used(), 0u);
}

TEST_F(CollectionMemory, FewAreFreedAtOnce) {
  Reaper reaper(loop);
  collection.begin_list(false);
  put(10);
  collection.clear();
  EXPECT_EQ(reaper.left(), 0u);
}

}  // namespace
