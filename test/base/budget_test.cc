// Budgets: parts of a whole, owners and their shares, charges, and how a memory limit scales them.
#include "base/budget.h"

#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/stat.h>

#include "base/budgets.h"
#include "base/payload.h"
#include "base/sanitized.h"

namespace base {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

TEST(Budget, PartsAreBoundedEachAndTogether) {
  Budget whole(100);
  Budget one(80, &whole), other(80, &whole);
  EXPECT_TRUE(one.has_room(80));
  EXPECT_FALSE(one.has_room(81));
  one.add(70);
  EXPECT_FALSE(one.has_room(11)) << "its own limit";
  EXPECT_TRUE(other.has_room(30));
  EXPECT_FALSE(other.has_room(31)) << "the limit of both";
  EXPECT_EQ(whole.used(), 70u);
  other.add(60);  // what is there already counts, room or not
  EXPECT_FALSE(other.has_room(1));
  EXPECT_FALSE(one.has_room(0)) << "over its limit there is no room for anything";
  one.remove(70);
  EXPECT_EQ(whole.used(), 60u);
  EXPECT_EQ(whole.peak(), 130u);
  other.remove(60);
}

TEST(Budget, IsReviewedBeforeItHasNoRoom) {
  struct Measured {
    bool review() {
      ++asked;
      const bool less = now < charge.size();
      charge.set(now);
      return less;
    }
    Charge charge;
    std::size_t now = 0;
    int asked = 0;
  };
  Budget whole(100), part(50, &whole);
  Measured measured{Charge(whole)};
  whole.set_review(Budget::Review::bind<&Measured::review>(&measured));
  measured.charge.set(90);
  measured.now = 80;
  EXPECT_TRUE(part.has_room(10));
  EXPECT_EQ(measured.asked, 0);
  EXPECT_TRUE(part.has_room(20)) << "80 are used by now";
  EXPECT_FALSE(part.has_room(21));
  EXPECT_FALSE(whole.has_room(21));
  EXPECT_EQ(measured.asked, 3);
  whole.set_review({});
  EXPECT_FALSE(part.has_room(21));
  EXPECT_EQ(measured.asked, 3);
}

TEST(Budget, ABudgetWithoutALimitHasRoomForAnything) {
  Budget all(Budget::kNone);
  all.add(1000);
  EXPECT_TRUE(all.has_room(Budget::kNone - 1000));
  EXPECT_FALSE(all.has_room(Budget::kNone)) << "more than can be counted";
  all.remove(1000);
}

TEST(Charge, GivesBackWhatItTookWhenItGoes) {
  Budget budget(100);
  {
    Charge charge(budget);
    EXPECT_TRUE(charge.take(60));
    EXPECT_FALSE(charge.take(41));
    EXPECT_EQ(budget.refused(), 1u);
    EXPECT_EQ(charge.size(), 60u) << "nothing is taken of what does not fit";
    charge.force(50);
    EXPECT_EQ(budget.used(), 110u);
    charge.give(100);
    EXPECT_EQ(budget.used(), 10u);
  }
  EXPECT_EQ(budget.used(), 0u);
}

TEST(Charge, OneOwnerGetsAtMostItsShare) {
  Budget budget(100);
  budget.set_share(25);
  Charge first(budget), second(budget), third(budget);
  EXPECT_TRUE(first.take(20, "10.0.0.1"));
  EXPECT_TRUE(second.take(5, "10.0.0.1"));
  EXPECT_FALSE(second.take(1, "10.0.0.1")) << "both of its charges count";
  EXPECT_FALSE(first.take(1)) << "a charge keeps its owner";
  EXPECT_TRUE(third.take(25, "10.0.0.2")) << "another one's share is its own";
  EXPECT_EQ(budget.used_by("10.0.0.1"), 25u);
  first.release();
  EXPECT_TRUE(second.take(20, "10.0.0.1"));
  second.release();
  EXPECT_EQ(budget.used_by("10.0.0.1"), 0u);
  EXPECT_TRUE(first.take(25, "10.0.0.2") == false && first.take(25, "10.0.0.3"))
      << "an empty charge may get another owner";
}

#if !K0RDENT_MCP_SANITIZED
// Addresses of strangers are owners: what each had must not stay.
TEST(Charge, AnOwnerThatHoldsNothingIsForgotten) {
  constexpr std::size_t kOwners = 10'000, kMost = 64 * 1024;
  Budget budget(100);
  const std::size_t before = mallinfo2().uordblks;
  for (std::size_t i = 0; i < kOwners; ++i) {
    Charge charge(budget);
    EXPECT_TRUE(charge.take(1, "owner " + std::to_string(i)));
  }
  EXPECT_LE(mallinfo2().uordblks, before + kMost);
}
#endif

TEST(QueueBudget, IsAPartOfTheWhole) {
  Budgets budgets(Budget::kNone, 1000);
  const Payload text("12345");
  budgets.queues.add(text, 10);
  budgets.queues.add(text, 10);
  EXPECT_EQ(budgets.memory.used(), 25u) << "bytes once, records each";
  budgets.queues.remove(text, 10);
  EXPECT_EQ(budgets.memory.used(), 15u);
  budgets.queues.remove(text, 10);
  EXPECT_EQ(budgets.memory.used(), 0u);
}

// Bug: what waited for one caller's streams could fill the whole.
TEST(QueueBudget, AnOwnersQueuesShareItsShare) {
  QueueBudget budget(1000);
  budget.set_share(250);
  const Payload text(std::string(100, 'x')), other(std::string(200, 'y'));
  {
    const Account one(budget, "alice"), two(budget, "alice"), bob(budget, "bob"), nobody;
    budget.add(text, 10, one);
    budget.add(text, 10, two);
    EXPECT_EQ(budget.used_by("alice"), 120u) << "bytes once, records each";
    EXPECT_TRUE(budget.has_room(other, 10));
    EXPECT_FALSE(budget.has_room(other, 10, one));
    EXPECT_FALSE(budget.has_room(other, 10, two));
    EXPECT_TRUE(budget.has_room(other, 10, bob));
    EXPECT_TRUE(budget.has_room(other, 10, nobody));
    EXPECT_TRUE(budget.has_room(text, 130, two)) << "it waits already";
    EXPECT_FALSE(budget.has_room(text, 131, two));
    // Bytes that two owners' queues hold count for the first, however long they wait.
    budget.add(text, 10, bob);
    budget.remove(text, 10, one);
    budget.remove(text, 10, two);
    EXPECT_EQ(budget.used_by("alice"), 100u);
    EXPECT_EQ(budget.used_by("bob"), 10u);
    EXPECT_EQ(budget.owners(), 2u);
    EXPECT_EQ(budget.largest(), 100u);
    budget.remove(text, 10, bob);
    EXPECT_EQ(budget.used(), 0u);
    EXPECT_EQ(budget.owners(), 0u) << "who holds nothing does not count";
    EXPECT_EQ(budget.used_by("alice"), 0u);
  }
  const Account again(budget, "alice");
  EXPECT_TRUE(budget.has_room(other, 50, again));
}

// What is retired when the server goes is freed after its budgets.
TEST(Budget, AnAccountThatHoldsNothingMayOutliveIt) {
  Account late;
  {
    Budget budget(100);
    late = Account(budget, "alice");
    EXPECT_EQ(budget.owners(), 0u);
  }
  EXPECT_TRUE(late.allows(1));
}

TEST(QueueBudget, APayloadOutlivesTheQueueThatPaysForIt) {
  QueueBudget budget(1000);
  const Payload text("12345");
  const Account bob(budget, "bob");
  {
    const Account alice(budget, "alice");
    budget.add(text, 1, alice);
    budget.add(text, 1, bob);
    budget.remove(text, 1, alice);
  }
  EXPECT_EQ(budget.used_by("alice"), 5u);
  budget.remove(text, 1, bob);
  EXPECT_EQ(budget.used_by("alice"), 0u);
  EXPECT_EQ(budget.used(), 0u);
}

TEST(Budgets, AMemoryLimitScalesEveryPart) {
  const Budgets free(Budget::kNone), small(32 * kMiB), tiny(1);
  EXPECT_EQ(free.memory.limit(), Budget::kNone);
  EXPECT_EQ(small.memory.limit(), 10 * kMiB) << "half of what the program leaves";
  EXPECT_EQ(tiny.memory.limit(), 4 * kMiB) << "less would serve nobody";
  std::vector<std::size_t> wide;
  free.for_each([&](std::string_view, const Budget& part) { wide.push_back(part.limit()); });
  std::size_t i = 0;
  small.for_each([&](std::string_view name, const Budget& part) {
    if (name != "descriptors" && name != "watches" && name != "starting") {
      EXPECT_LE(part.limit(), 10 * kMiB) << name;
    }
    EXPECT_LE(part.limit(), wide[i++]) << name;
  });
  EXPECT_EQ(small.bodies.share(), small.bodies.limit() / 4);
  EXPECT_EQ(free.queues.share(), free.queues.limit() / 4);
  EXPECT_EQ(small.queues.share(), 2 * kMiB) << "enough for the largest message";
}

class Cgroup : public ::testing::Test {
 protected:
  void write(const std::string& path, const std::string& text) {
    for (std::size_t at = 1; (at = path.find('/', at)) != std::string::npos; ++at)
      ::mkdir((root + path.substr(0, at)).c_str(), 0700);
    std::ofstream(root + path) << text;
  }
  std::size_t limit() { return cgroup_memory_limit(root, root + "/self"); }
  std::string root = ::testing::TempDir() + "cgroup-" +
                     ::testing::UnitTest::GetInstance()->current_test_info()->name();
  void SetUp() override { ::mkdir(root.c_str(), 0700); }
};

TEST_F(Cgroup, TheLeastLimitOfTheGroupAndThoseAboveCounts) {
  write("/self", "0::/kubepods/pod1/box\n");
  write("/kubepods/pod1/box/memory.max", "max\n");
  write("/kubepods/pod1/memory.max", "134217728\n");
  write("/kubepods/memory.max", "1073741824\n");
  EXPECT_EQ(limit(), 128 * kMiB);
  write("/kubepods/pod1/box/memory.max", "33554432\n");
  EXPECT_EQ(limit(), 32 * kMiB);
}

TEST_F(Cgroup, InAContainerItsOwnGroupIsTheRoot) {
  write("/self", "0::/../../elsewhere\n");
  write("/memory.max", "67108864\n");
  EXPECT_EQ(limit(), 64 * kMiB);
}

TEST_F(Cgroup, VersionOneSaysNoLimitByAHugeNumber) {
  write("/self", "9:name=systemd:/x\n4:cpu,memory:/box\n0::/\n");
  write("/memory/box/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_EQ(limit(), Budget::kNone);
  write("/memory/box/memory.limit_in_bytes", "268435456\n");
  EXPECT_EQ(limit(), 256 * kMiB);
}

TEST_F(Cgroup, WithoutOneThereIsNoLimit) {
  EXPECT_EQ(cgroup_memory_limit(root, root + "/none"), Budget::kNone);
  write("/self", "0::/\n");
  EXPECT_EQ(limit(), Budget::kNone);
}

}  // namespace
}  // namespace base
