// What changes at work may hold together: which begin, which wait, and that none is forgotten.
#include "change/room.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "base/budgets.h"
#include "loop/loop.h"

namespace {

using change::kCopies;
using change::Room;
using Got = Room::Got;

constexpr std::size_t kLarge = Room::kSmallBytes / kCopies + 1;

struct RoomTest : testing::Test {
  struct One {
    One(RoomTest& of, char as)
        : test(of), name(as), place(of.room, Room::Place::Fn::bind<&One::go>(this)) {}
    void go() { test.began += name; }
    Got take(std::size_t bytes, std::string_view owner = {}) {
      return place.take(bytes, 10, owner);
    }
    RoomTest& test;
    const char name;
    Room::Place place;
  };
  // Which began later, in order.
  std::string turn() {
    loop.run_once();
    return std::exchange(began, {});
  }
  loop::VirtualClock clock;
  loop::Loop loop{clock};
  base::Budgets budgets;
  Room room{loop, budgets.changes, budgets.bodies};
  std::string began;
  One a{*this, 'a'}, b{*this, 'b'}, c{*this, 'c'}, d{*this, 'd'};
};

TEST_F(RoomTest, LargeOnesWaitInTheOrderOfArrivalAndSmallOnesPassThem) {
  budgets.changes.set_limit(kCopies * kLarge * 3 / 2);
  EXPECT_EQ(a.take(kLarge), Got::room);
  EXPECT_EQ(b.take(3 * kLarge), Got::later);
  EXPECT_EQ(c.take(kLarge), Got::later);
  EXPECT_EQ(d.take(100), Got::room);
  EXPECT_EQ(budgets.bodies.used(), 20u) << "what the two keep while they wait";
  EXPECT_EQ(turn(), "");
  a.place.release();
  EXPECT_EQ(turn(), "b") << "larger than all the room, but no other large one is at work";
  EXPECT_LT(budgets.changes.used(), budgets.changes.limit()) << "others have to go on";
  b.place.release();
  EXPECT_EQ(turn(), "c");
  EXPECT_EQ(budgets.bodies.used(), 0u);
}

TEST_F(RoomTest, OneThatLeavesTheQueueLetsTheNextOneIn) {
  budgets.changes.set_limit(kCopies * kLarge * 2);
  EXPECT_EQ(a.take(kLarge), Got::room);
  EXPECT_EQ(b.take(2 * kLarge), Got::later);
  EXPECT_EQ(c.take(kLarge), Got::later) << "there is room, but not past b";
  b.place.release();
  EXPECT_EQ(turn(), "c");
  EXPECT_EQ(budgets.bodies.used(), 0u);
}

TEST_F(RoomTest, OneThatGrowsKeepsItsPlaceWhileThereIsRoom) {
  budgets.changes.set_limit(kCopies * kLarge * 3);
  EXPECT_EQ(a.take(100), Got::room);
  EXPECT_EQ(b.take(kLarge), Got::room);
  EXPECT_EQ(c.take(3 * kLarge), Got::later);
  EXPECT_EQ(a.take(kLarge), Got::room) << "small, it grows to a large one";
  EXPECT_EQ(budgets.changes.used(), kCopies * 2 * kLarge);
  b.place.release();
  EXPECT_EQ(turn(), "") << "c does not fit beside a";
  EXPECT_EQ(a.take(7 * kLarge), Got::room) << "no other large one is at work";
  a.place.release();
  EXPECT_EQ(turn(), "c");
}

TEST_F(RoomTest, ALargeOneWithoutRoomLeavesSmallOnesTheirs) {
  budgets.changes.set_limit(kCopies * 1000);
  EXPECT_EQ(a.take(50 * kLarge), Got::room);
  EXPECT_EQ(b.take(10), Got::room);
  EXPECT_EQ(c.take(10), Got::room);
  EXPECT_EQ(d.take(900), Got::later);
  b.place.release();
  EXPECT_EQ(turn(), "");
  c.place.release();
  EXPECT_EQ(turn(), "d") << "one small one is at work in any case";
}

TEST_F(RoomTest, ACallerWithManyIsNotServedTwiceWhileAnotherWaits) {
  budgets.changes.set_limit(1);
  EXPECT_EQ(a.take(kLarge, "alice"), Got::room);
  EXPECT_EQ(b.take(kLarge, "alice"), Got::later);
  EXPECT_EQ(c.take(kLarge, "alice"), Got::later);
  EXPECT_EQ(d.take(kLarge, "bob"), Got::later);
  a.place.release();
  EXPECT_EQ(turn(), "d");
  d.place.release();
  EXPECT_EQ(turn(), "b");
  b.place.release();
  EXPECT_EQ(turn(), "c");
}

TEST_F(RoomTest, OneThatGrowsBeyondTheRoomLetsGoAndWaitsBehindTheOthers) {
  budgets.changes.set_limit(kCopies * kLarge * 2);
  EXPECT_EQ(a.take(kLarge), Got::room);
  EXPECT_EQ(b.take(kLarge), Got::room);
  EXPECT_EQ(c.take(kLarge), Got::later);
  EXPECT_EQ(a.take(kLarge / 2), Got::room) << "what it has is enough";
  EXPECT_EQ(a.take(2 * kLarge), Got::later);
  EXPECT_EQ(turn(), "c");
  b.place.release();
  EXPECT_EQ(turn(), "");
  c.place.release();
  EXPECT_EQ(turn(), "a");
  EXPECT_GT(budgets.changes.used(), kCopies * kLarge);
}

TEST_F(RoomTest, WithoutRoomInAnyBudgetOneStillBeginsAtATime) {
  budgets.memory.set_limit(0);
  EXPECT_EQ(a.take(1), Got::room);
  EXPECT_EQ(b.take(1), Got::none) << "its arguments find no room";
  a.place.release();
  EXPECT_EQ(b.take(1), Got::room);
}

TEST_F(RoomTest, ACallerHasAShareOfTheRoomToWait) {
  budgets.changes.set_limit(1);
  budgets.bodies.set_share(15);
  EXPECT_EQ(a.take(kLarge, "alice"), Got::room);
  EXPECT_EQ(b.take(kLarge, "alice"), Got::later);
  EXPECT_EQ(c.take(kLarge, "alice"), Got::none);
  EXPECT_EQ(d.take(kLarge, "bob"), Got::later);
}

TEST_F(RoomTest, APlaceThatEndsBeforeItsTurnGivesItOn) {
  budgets.changes.set_limit(1);
  EXPECT_EQ(a.take(kLarge), Got::room);
  auto gone = std::make_unique<One>(*this, 'x');
  EXPECT_EQ(gone->take(kLarge), Got::later);
  EXPECT_EQ(b.take(kLarge), Got::later);
  a.place.release();  // now it is the turn of `gone`, which is told in the next turn of the loop
  gone.reset();
  EXPECT_EQ(turn(), "b");
}

}  // namespace
