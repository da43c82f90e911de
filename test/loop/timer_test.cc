// The loop's contract for time: L4 (one now() a turn, later turns), L8 (one timerfd or a virtual
// clock).
#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/loop.h"

namespace loop {
namespace {

using base::hours;
using base::milliseconds;
using base::seconds;

struct Alarm {
  std::function<void()> fn;
  int fired = 0;
  Timer timer;
  explicit Alarm(Loop& loop, std::function<void()> f = {})
      : fn(std::move(f)), timer(loop, "test timer", Timer::Fn::bind<&Alarm::run>(this)) {}
  void run() {
    ++fired;
    if (fn) fn();
  }
};

class LoopTimerTest : public testing::Test {
 protected:
  VirtualClock clock_;
  Loop loop_{clock_};
};

TEST_F(LoopTimerTest, TimersFireByDeadlineAndThenByOrderOfArming) {
  std::string order;
  Alarm a(loop_, [&] { order += 'a'; }), b(loop_, [&] { order += 'b'; }),
      c(loop_, [&] { order += 'c'; }), d(loop_, [&] { order += 'd'; });
  d.timer.arm(milliseconds(5));
  b.timer.arm(milliseconds(2));
  c.timer.arm(milliseconds(2));
  a.timer.arm(milliseconds(1));
  EXPECT_EQ(loop_.timers(), 4u);
  while (loop_.timers() > 0)
    loop_.run_once();
  EXPECT_EQ(order, "abcd");
  EXPECT_EQ(loop_.now().since, milliseconds(5));
}

TEST_F(LoopTimerTest, ArmingAgainReplacesEarlierAndLaterDeadlines) {
  Alarm a(loop_), other(loop_);
  other.timer.arm(milliseconds(20));
  a.timer.arm(milliseconds(10));
  a.timer.arm(milliseconds(50));
  loop_.run_once();
  EXPECT_EQ(other.fired, 1);
  EXPECT_EQ(a.fired, 0);
  a.timer.arm(milliseconds(5));
  EXPECT_EQ(loop_.timers(), 1u);
  loop_.run_once();
  EXPECT_EQ(a.fired, 1);
  EXPECT_EQ(loop_.now().since, milliseconds(25));
  EXPECT_FALSE(a.timer.armed());
}

TEST_F(LoopTimerTest, ForeverIsNeverAndHugeDelaysDoNotOverflow) {
  Alarm a(loop_), b(loop_);
  clock_.advance(seconds(1));
  loop_.run_once();
  a.timer.arm(milliseconds(1));
  a.timer.arm(kForever);
  EXPECT_FALSE(a.timer.armed());
  b.timer.arm(kForever - Duration(1));
  EXPECT_FALSE(b.timer.armed());  // past the end of time is never
  b.timer.arm(kForever - seconds(2));
  EXPECT_GT(b.timer.deadline(), loop_.now());
  b.timer.cancel();
  b.timer.cancel();
  EXPECT_EQ(loop_.timers(), 0u);
}

TEST_F(LoopTimerTest, L4TimerArmedInsideATurnFiresInALaterOne) {
  Alarm zero(loop_), negative(loop_), past(loop_);
  Alarm start(loop_, [&] {
    zero.timer.arm(Duration::zero());
    negative.timer.arm(-seconds(1));
    past.timer.arm_at(TimePoint{});
    EXPECT_EQ(past.timer.deadline(), loop_.now());
  });
  start.timer.arm(milliseconds(1));
  loop_.run_once();
  EXPECT_EQ(start.fired, 1);
  EXPECT_EQ(zero.fired + negative.fired + past.fired, 0);
  loop_.run_once();
  EXPECT_EQ(zero.fired + negative.fired + past.fired, 3);
  EXPECT_EQ(loop_.now().since, milliseconds(1));  // delay zero takes no virtual time either
}

TEST_F(LoopTimerTest, L4TimerThatArmsItselfForNowFiresOnceATurn) {
  Alarm a(loop_), due(loop_);
  a.fn = [&] { a.timer.arm_at(TimePoint{}); };
  a.timer.arm(milliseconds(1));
  due.timer.arm(milliseconds(2));
  clock_.advance(milliseconds(3));
  loop_.run_once();
  EXPECT_EQ(a.fired, 1);
  EXPECT_EQ(due.fired, 1);  // was due in this turn and is not held up
  for (int turn = 2; turn <= 5; ++turn) {
    loop_.run_once();
    EXPECT_EQ(a.fired, turn);
  }
  a.timer.cancel();
}

TEST(LoopRealTimerTest, L4NowStandsStillInsideATurn) {
  RealClock clock;
  Loop loop(clock);
  TimePoint first, second;
  Alarm a(loop, [&] {
    first = loop.now();
    const TimePoint before = RealClock::monotonic();
    while (RealClock::monotonic() == before) {
    }
    second = loop.now();
  });
  a.timer.arm(Duration::zero());
  while (a.fired == 0)
    loop.run_once();
  EXPECT_EQ(first, second);
}

struct Backoff {
  Loop& loop;
  Timer timer;
  Duration delay = milliseconds(500);
  int attempts = 0;
  explicit Backoff(Loop& l) : loop(l), timer(l, "b", Timer::Fn::bind<&Backoff::on_timer>(this)) {
    timer.arm(delay);
  }
  void on_timer() {
    ++attempts;
    delay = std::min<Duration>(delay * 2, hours(1));
    timer.arm(delay);
  }
};

TEST_F(LoopTimerTest, L8MonthOfBackoffRunsInVirtualTime) {
  Backoff b(loop_);
  int turns = 0;
  for (; loop_.now().since < hours(24 * 30); ++turns)
    loop_.run_once();
  EXPECT_EQ(turns, b.attempts);  // one turn a firing: it jumps, it does not step
  EXPECT_GT(b.attempts, 24 * 30 - 3);
  EXPECT_LT(b.attempts, 24 * 30 + 20);
  EXPECT_EQ(loop_.wall_now().ns, 1767225600000000000 + loop_.now().since.count());
}

TEST_F(LoopTimerTest, L8VirtualTimeWaitsForWhatTheKernelHasReady) {
  struct Reader {
    Loop& loop;
    int fd;
    TimePoint at{};
    FdWatch watch;
    Reader(Loop& l, int f)
        : loop(l), fd(f), watch(l, "reader", FdWatch::Fn::bind<&Reader::on_ready>(this)) {}
    void on_ready(std::uint32_t) {
      char c;
      if (::read(fd, &c, 1) == 1) at = loop.now();
    }
  };
  int s[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, s), 0);
  base::Fd near(s[0]), far(s[1]);
  Reader reader(loop_, near.get());
  ASSERT_EQ(reader.watch.start(near.get(), kRead), 0);
  Alarm send(loop_, [&] { EXPECT_EQ(::write(far.get(), "x", 1), 1); }), late(loop_);
  send.timer.arm(seconds(1));
  late.timer.arm(seconds(2));
  while (late.fired == 0)
    loop_.run_once();
  EXPECT_EQ(reader.at.since, seconds(1));
}

struct Chain {
  Loop& loop;
  Deferred task;
  int left = 10;
  explicit Chain(Loop& l) : loop(l), task(l, "chain", Deferred::Fn::bind<&Chain::run>(this)) {
    task.schedule();
  }
  void run() {
    EXPECT_EQ(loop.now().since, Duration::zero());
    if (--left > 0) task.schedule();
  }
};

TEST_F(LoopTimerTest, L8VirtualTimeStandsStillWhileWorkIsDeferred) {
  Chain chain(loop_);
  Alarm a(loop_);
  a.timer.arm(seconds(1));
  while (a.fired == 0)
    loop_.run_once();
  EXPECT_EQ(chain.left, 0);
}

TEST_F(LoopTimerTest, VirtualClockSaysWhenNothingCanHappen) {
  Alarm a(loop_);
  a.timer.arm(seconds(1));
  loop_.run_once();
  EXPECT_FALSE(clock_.stuck());
  loop_.run_once();
  EXPECT_TRUE(clock_.stuck());
  EXPECT_EQ(loop_.now().since, seconds(1));
  a.timer.arm(Duration::zero());
  loop_.run_once();
  EXPECT_FALSE(clock_.stuck());
}

TEST_F(LoopTimerTest, WallClockStepsLeaveTimersAlone) {
  Alarm a(loop_);
  a.timer.arm(seconds(10));
  clock_.step_wall(-hours(1));
  loop_.run_once();
  EXPECT_EQ(a.fired, 1);
  EXPECT_EQ(loop_.now().since, seconds(10));
  EXPECT_EQ(loop_.wall_now().ns, 1767225600000000000 + (seconds(10) - Duration(hours(1))).count());
}

TEST(LoopRealTimerTest, L8TimersOnTheTimerfdNeverFireEarly) {
  RealClock clock;
  Loop loop(clock);
  std::vector<std::unique_ptr<Alarm>> alarms;
  int early = 0, fired = 0;
  for (int i = 0; i < 20; ++i) {
    alarms.push_back(std::make_unique<Alarm>(loop));
    Timer& timer = alarms.back()->timer;
    timer.arm(base::microseconds(137 * ((i * 7) % 20)));
    alarms.back()->fn = [&early, &fired, at = timer.deadline()] {
      ++fired;
      if (RealClock::monotonic() < at) ++early;
    };
  }
  while (loop.timers() > 0)
    loop.run_once();
  EXPECT_EQ(fired, 20);
  EXPECT_EQ(early, 0);
}

// Passes on to a RealClock and counts.
class CountingClock final : public Clock {
 public:
  TimePoint now() override { return real_.now(); }
  WallTime wall() override { return real_.wall(); }
  int fd() const override { return real_.fd(); }
  void arm(TimePoint at) override {
    ++arms;
    real_.arm(at);
  }
  void drain() override {
    ++drains;
    real_.drain();
  }
  void idle(TimePoint) override { ADD_FAILURE() << "a clock with a descriptor is never idle"; }
  int arms = 0, drains = 0;

 private:
  RealClock real_;
};

TEST(LoopRealTimerTest, L8TimerfdIsArmedOnlyForAnEarlierDeadline) {
  CountingClock clock;
  Loop loop(clock);
  int s[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, s), 0);
  base::Fd near(s[0]), far(s[1]);
  struct Busy {  // always writable: every turn ends at once
    Timer idle;
    FdWatch watch;
    explicit Busy(Loop& l)
        : idle(l, "idle", Timer::Fn::bind<&Busy::on_idle>(this)),
          watch(l, "busy", FdWatch::Fn::bind<&Busy::on_ready>(this)) {}
    void on_ready(std::uint32_t) { idle.arm(seconds(100)); }
    void on_idle() { ADD_FAILURE(); }
  } busy(loop);
  ASSERT_EQ(busy.watch.start(near.get(), kWrite), 0);
  for (int i = 0; i < 1000; ++i)
    loop.run_once();
  EXPECT_EQ(clock.arms, 1);
  Alarm sooner(loop);
  sooner.timer.arm(seconds(50));
  loop.run_once();
  EXPECT_EQ(clock.arms, 2);
  EXPECT_EQ(clock.drains, 0);
}

TEST(LoopRealTimerTest, L8TimerBehindACancelledOneStillFires) {
  CountingClock clock;
  Loop loop(clock);
  Alarm first(loop), second(loop), arm_both(loop, [&] {
    first.timer.arm(milliseconds(1));
    second.timer.arm(milliseconds(2));
  });
  arm_both.timer.arm(Duration::zero());
  Alarm cancel(loop, [&] { first.timer.cancel(); });
  loop.run_once();
  first.timer.cancel();
  while (second.fired == 0)
    loop.run_once();
  EXPECT_EQ(first.fired, 0);
  EXPECT_GE(clock.arms, 1);
}

}  // namespace
// Found under a flood over loopback by another process: time jumped while what was sent lay in the
// kernel's queue.
TEST(LoopbackBarrier, WhatThisThreadSentHasArrivedAndTheThreadIsFreeAfterwards) {
  cpu_set_t before, during, after;
  ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
  {
    loop::LoopbackBarrier barrier;
    ASSERT_EQ(sched_getaffinity(0, sizeof during, &during), 0);
    EXPECT_EQ(CPU_COUNT(&during), 1);
    const base::Fd from(socket(AF_INET, SOCK_DGRAM, 0)), to(socket(AF_INET, SOCK_DGRAM, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ASSERT_EQ(bind(to.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    ASSERT_EQ(getsockname(to.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    for (int i = 0; i < 1000; ++i) {
      ASSERT_EQ(sendto(from.get(), "x", 1, 0, reinterpret_cast<sockaddr*>(&address), size), 1);
      barrier.pass();
      char byte = 0;
      ASSERT_EQ(recv(to.get(), &byte, 1, MSG_DONTWAIT), 1) << i;
    }
  }
  ASSERT_EQ(sched_getaffinity(0, sizeof after, &after), 0);
  EXPECT_TRUE(CPU_EQUAL(&before, &after));
}

}  // namespace loop
