// TimerList: one timer for deadlines of the same length.
#include "loop/timer_list.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace loop {
namespace {

using base::seconds;

struct Waiting {
  Waiting(TimerList& of, std::function<void()> f)
      : fn(std::move(f)), entry(TimerList::Entry::Fn::bind<&Waiting::run>(this)) {
    of.add(entry);
  }
  void run() {
    const auto copy = fn;
    copy();
  }
  std::function<void()> fn;
  TimerList::Entry entry;
};

class LoopTimerListTest : public testing::Test {
 protected:
  // "a10": a was due when 10 s had passed.
  std::function<void()> notes(char what) {
    return [this, what] {
      EXPECT_LE(loop_.timers(), 1u);
      order_ += what + std::to_string(base::to_ms(loop_.now().since) / 1000) + " ";
    };
  }
  // Calls `fn` when `at` has passed.
  void at(Duration when, std::function<void()> fn) {
    steps_.push_back(std::make_unique<Step>(loop_, std::move(fn)));
    steps_.back()->timer.arm_at(TimePoint{when});
  }
  void run() {
    while (loop_.timers() > 0)
      loop_.run_once();
  }
  struct Step {
    Step(Loop& loop, std::function<void()> f)
        : fn(std::move(f)), timer(loop, "test step", Timer::Fn::bind<&Step::run>(this)) {}
    void run() { fn(); }
    std::function<void()> fn;
    Timer timer;
  };
  VirtualClock clock_;
  Loop loop_{clock_};
  TimerList list_{loop_, "test list", seconds(10)};
  std::vector<std::unique_ptr<Step>> steps_;
  std::string order_;
};

TEST_F(LoopTimerListTest, EachIsDueAfterItsTime) {
  Waiting a(list_, notes('a'));
  std::unique_ptr<Waiting> b, gone;
  at(seconds(4), [&] {
    b = std::make_unique<Waiting>(list_, notes('b'));
    gone = std::make_unique<Waiting>(list_, notes('x'));
    EXPECT_EQ(loop_.timers(), 2u) << "the next step, and one for all of the list";
  });
  at(seconds(5), [&] { gone->entry.unlink(); });
  run();
  EXPECT_EQ(order_, "a10 b14 ");
}

TEST_F(LoopTimerListTest, AddedAgainItStartsOver) {
  Waiting a(list_, notes('a')), b(list_, notes('b'));
  at(seconds(6), [&] { list_.add(a.entry); });
  run();
  EXPECT_EQ(order_, "b10 a16 ");
}

TEST_F(LoopTimerListTest, ADueOneMayWaitAgainOrDestroyItselfAndOthers) {
  std::unique_ptr<Waiting> self, other;
  int rounds = 0;
  Waiting again(list_, [&] {
    if (++rounds < 3) list_.add(again.entry);
  });
  self = std::make_unique<Waiting>(list_, [&] { self.reset(), other.reset(); });
  other = std::make_unique<Waiting>(list_, notes('x'));
  run();
  EXPECT_EQ(rounds, 3);
  EXPECT_EQ(order_, "");
  EXPECT_EQ(self, nullptr);
  EXPECT_EQ(loop_.timers(), 0u);
}

}  // namespace
}  // namespace loop
