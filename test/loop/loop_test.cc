// The loop's contract for watches, deferred work and retired objects: L1-L7 of loop.h.
#include "loop/loop.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/log.h"

namespace loop {
namespace {

using base::milliseconds;

struct Pair {
  base::Fd near, far;
  Pair() {
    int s[2];
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, s) == 0);
    near = base::Fd(s[0]);
    far = base::Fd(s[1]);
  }
  void send_near() const { CHECK(::write(far.get(), "x", 1) == 1); }  // near gets readable
};

struct Watch {
  std::function<void(std::uint32_t)> fn;
  std::uint32_t last = 0;
  int calls = 0;
  FdWatch watch;
  explicit Watch(Loop& loop, std::function<void(std::uint32_t)> f = {})
      : fn(std::move(f)), watch(loop, "test watch", FdWatch::Fn::bind<&Watch::on_ready>(this)) {}
  void on_ready(std::uint32_t ready) {
    ++calls;
    last = ready;
    if (fn) fn(ready);
  }
};

struct Task {
  std::function<void()> fn;
  Deferred deferred;
  Task(Loop& loop, std::function<void()> f)
      : fn(std::move(f)), deferred(loop, "test task", Deferred::Fn::bind<&Task::run>(this)) {}
  void run() { fn(); }
};

struct Alarm {
  std::function<void()> fn;
  Timer timer;
  Alarm(Loop& loop, std::function<void()> f)
      : fn(std::move(f)), timer(loop, "test timer", Timer::Fn::bind<&Alarm::run>(this)) {}
  void run() { fn(); }
};

class LoopTest : public testing::Test {
 protected:
  VirtualClock clock_;
  Loop loop_{clock_};
};

TEST_F(LoopTest, ReportsReadinessAgainUntilItIsTaken) {
  Pair p;
  Watch w(loop_);
  ASSERT_EQ(w.watch.start(p.near.get(), kRead), 0);
  loop_.run_once();
  EXPECT_EQ(w.calls, 0);
  p.send_near();
  loop_.run_once();
  loop_.run_once();
  EXPECT_EQ(w.calls, 2);
  EXPECT_EQ(w.last, kRead);
  char c;
  ASSERT_EQ(::read(p.near.get(), &c, 1), 1);
  loop_.run_once();
  EXPECT_EQ(w.calls, 2);
  EXPECT_EQ(loop_.watches(), 1u);
}

TEST_F(LoopTest, L2WatchStoppedByAnotherReadyOneIsNotCalled) {
  Pair p, q;
  Watch a(loop_), b(loop_);
  a.fn = [&](std::uint32_t) { b.watch.stop(); };
  b.fn = [&](std::uint32_t) { a.watch.stop(); };
  ASSERT_EQ(a.watch.start(p.near.get(), kRead), 0);
  ASSERT_EQ(b.watch.start(q.near.get(), kRead), 0);
  p.send_near();
  q.send_near();
  loop_.run_once();
  EXPECT_EQ(a.calls + b.calls, 1);
  EXPECT_EQ(loop_.watches(), 1u);
}

TEST_F(LoopTest, L2WatchDestroyedByAnotherReadyOneIsNotCalled) {
  Pair p, q;
  auto a = std::make_unique<Watch>(loop_), b = std::make_unique<Watch>(loop_);
  int calls = 0;
  a->fn = [&](std::uint32_t) { ++calls, b.reset(); };
  b->fn = [&](std::uint32_t) { ++calls, a.reset(); };
  ASSERT_EQ(a->watch.start(p.near.get(), kRead), 0);
  ASSERT_EQ(b->watch.start(q.near.get(), kRead), 0);
  p.send_near();
  q.send_near();
  loop_.run_once();
  EXPECT_EQ(calls, 1);
}

struct SelfDestroying {
  std::unique_ptr<FdWatch> watch;
  std::unique_ptr<Timer> timer;
  std::unique_ptr<Deferred> task;
  int calls = 0;
  void on_ready(std::uint32_t) { ++calls, watch.reset(); }
  void on_timer() { ++calls, timer.reset(); }
  void on_task() { ++calls, task.reset(); }
};

TEST_F(LoopTest, L2SourcesMayBeDestroyedInsideTheirOwnCallback) {
  Pair p;
  SelfDestroying s;
  s.watch = std::make_unique<FdWatch>(loop_, "w", FdWatch::Fn::bind<&SelfDestroying::on_ready>(&s));
  s.timer = std::make_unique<Timer>(loop_, "t", Timer::Fn::bind<&SelfDestroying::on_timer>(&s));
  s.task = std::make_unique<Deferred>(loop_, "d", Deferred::Fn::bind<&SelfDestroying::on_task>(&s));
  ASSERT_EQ(s.watch->start(p.near.get(), kRead), 0);
  s.timer->arm(Duration::zero());
  s.task->schedule();
  p.send_near();
  loop_.run_once();
  loop_.run_once();
  EXPECT_EQ(s.calls, 3);
}

TEST_F(LoopTest, L2TimersAndTasksCancelledByTheirPeersDoNotRun) {
  int fired = 0, ran = 0;
  Alarm t1(loop_, [&] { ++fired; }), t2(loop_, [&] { ++fired; });
  Task d1(loop_, [&] { ++ran; }), d2(loop_, [&] { ++ran; });
  t1.fn = [&] { ++fired, t2.timer.cancel(); };
  d1.fn = [&] { ++ran, d2.deferred.cancel(); };
  t1.timer.arm(milliseconds(1));
  t2.timer.arm(milliseconds(1));
  loop_.run_once();
  d1.deferred.schedule();
  d2.deferred.schedule();
  loop_.run_once();
  EXPECT_EQ(fired, 1);
  EXPECT_EQ(ran, 1);
}

TEST_F(LoopTest, L3DescriptorReusedInsideATurnInheritsNoReadiness) {
  Pair first, victim;
  std::unique_ptr<Pair> next;
  Watch a(loop_), b(loop_), fresh(loop_);
  const int number = victim.near.get();
  a.fn = [&](std::uint32_t) {
    b.watch.stop();
    victim.near.reset();
    next = std::make_unique<Pair>();
    ASSERT_EQ(next->near.get(), number);  // the lowest free number
    ASSERT_EQ(fresh.watch.start(number, kRead), 0);
    a.watch.stop();
  };
  ASSERT_EQ(a.watch.start(first.near.get(), kRead), 0);
  ASSERT_EQ(b.watch.start(number, kRead), 0);
  first.send_near();  // first written to, first reported
  victim.send_near();
  loop_.run_once();
  EXPECT_EQ(a.calls, 1);
  EXPECT_EQ(b.calls, 0);
  loop_.run_once();
  EXPECT_EQ(fresh.calls, 0);
  next->send_near();
  loop_.run_once();
  EXPECT_EQ(fresh.calls, 1);
}

TEST_F(LoopTest, L3TurnCallsWatchesThenTimersThenTasksThenFrees) {
  struct Dying {
    std::vector<std::string>& log;
    explicit Dying(std::vector<std::string>& l) : log(l) {}
    ~Dying() { log.push_back("freed"); }
  };
  std::vector<std::string> log;
  Pair p;
  Task task(loop_, [&] { log.push_back("task"); });
  Alarm alarm(loop_, [&] { log.push_back("timer"); });
  Watch watch(loop_, [&](std::uint32_t) {
    log.push_back("watch");
    loop_.retire(std::make_unique<Dying>(log));
    task.deferred.schedule();
  });
  ASSERT_EQ(watch.watch.start(p.near.get(), kRead), 0);
  alarm.timer.arm(milliseconds(1));
  clock_.advance(milliseconds(1));
  p.send_near();
  loop_.run_once();
  EXPECT_EQ(log, (std::vector<std::string>{"watch", "timer", "task", "freed"}));
}

TEST_F(LoopTest, L3TaskScheduledByATaskRunsInTheNextTurn) {
  int runs = 0;
  Task again(loop_, [&] {});
  again.fn = [&] {
    ++runs;
    again.deferred.schedule();
    again.deferred.schedule();
  };
  again.deferred.schedule();
  for (int turn = 1; turn <= 3; ++turn) {
    loop_.run_once();
    EXPECT_EQ(runs, turn);
  }
  again.deferred.cancel();
  EXPECT_FALSE(again.deferred.scheduled());
}

TEST_F(LoopTest, L5RetiredObjectsLiveToTheEndOfTheTurnAndMayRetireMore) {
  struct Node {
    Loop& loop;
    int& alive;
    int depth;
    Node(Loop& l, int& a, int d) : loop(l), alive(a), depth(d) { ++alive; }
    ~Node() {
      --alive;
      if (depth > 0) loop.retire(std::make_unique<Node>(loop, alive, depth - 1));
    }
  };
  int alive = 0, at_task = 0;
  Task last(loop_, [&] { at_task = alive; });
  Task first(loop_, [&] { loop_.retire(std::make_unique<Node>(loop_, alive, 20)); });
  first.deferred.schedule();
  last.deferred.schedule();
  loop_.run_once();
  EXPECT_EQ(at_task, 1);
  EXPECT_EQ(alive, 0);
}

TEST_F(LoopTest, L7InterestZeroSilencesHangupsUntilSetAgain) {
  Pair p;
  Watch w(loop_);
  ASSERT_EQ(w.watch.start(p.near.get(), kRead), 0);
  ASSERT_EQ(w.watch.set(0), 0);
  p.far.reset();
  for (int i = 0; i < 3; ++i)
    loop_.run_once();
  EXPECT_EQ(w.calls, 0);
  EXPECT_TRUE(w.watch.started());
  ASSERT_EQ(w.watch.set(kRead), 0);
  loop_.run_once();
  EXPECT_EQ(w.calls, 1);
  EXPECT_EQ(w.last, kRead | kHangup);
}

TEST_F(LoopTest, WatchStartedWithInterestZeroJoinsLater) {
  Pair p;
  Watch w(loop_);
  ASSERT_EQ(w.watch.start(p.near.get(), 0), 0);
  loop_.run_once();
  EXPECT_EQ(w.calls, 0);
  ASSERT_EQ(w.watch.set(kWrite), 0);
  loop_.run_once();
  EXPECT_EQ(w.last, kWrite);
}

TEST_F(LoopTest, HalfCloseIsAHangupOnlyForReadersAndFullCloseForAll) {
  Pair p;
  Watch w(loop_);
  ASSERT_EQ(w.watch.start(p.near.get(), kWrite), 0);
  ASSERT_EQ(::shutdown(p.far.get(), SHUT_WR), 0);
  loop_.run_once();
  EXPECT_EQ(w.last, kWrite);
  ASSERT_EQ(w.watch.set(kRead | kWrite), 0);
  loop_.run_once();
  EXPECT_EQ(w.last, kRead | kWrite | kHangup);
  p.far.reset();
  ASSERT_EQ(w.watch.set(kWrite), 0);
  loop_.run_once();
  EXPECT_EQ(w.last, kWrite | kHangup);
}

TEST_F(LoopTest, ReadinessNoLongerWantedIsNotDeliveredInTheSameTurn) {
  Pair p, q;
  Watch a(loop_), b(loop_);
  a.fn = [&](std::uint32_t) { ASSERT_EQ(b.watch.set(0), 0); };
  b.fn = [&](std::uint32_t) { ASSERT_EQ(a.watch.set(0), 0); };
  ASSERT_EQ(a.watch.start(p.near.get(), kRead), 0);
  ASSERT_EQ(b.watch.start(q.near.get(), kRead), 0);
  p.send_near();
  q.send_near();
  loop_.run_once();
  EXPECT_EQ(a.calls + b.calls, 1);
}

TEST_F(LoopTest, MoreReadyDescriptorsThanATurnTakesAllComeAndDoNotStarveTimers) {
  std::vector<Pair> pairs(kEventsPerTurn + 44);
  std::vector<std::unique_ptr<Watch>> watches;
  for (Pair& p : pairs) {
    watches.push_back(std::make_unique<Watch>(loop_));
    ASSERT_EQ(watches.back()->watch.start(p.near.get(), kRead), 0);
    p.send_near();
  }
  int fired = 0;
  Alarm alarm(loop_, [&] { ++fired; });
  alarm.timer.arm(Duration::zero());
  loop_.run_once();
  EXPECT_EQ(fired, 1);
  int called = 0;
  for (auto& w : watches)
    called += w->calls;
  EXPECT_EQ(called, kEventsPerTurn);
  loop_.run_once();
  for (auto& w : watches)
    EXPECT_GE(w->calls, 1);
}

TEST_F(LoopTest, StartSaysWhyADescriptorCannotBeWatched) {
  Pair p;
  Watch a(loop_), b(loop_);
  EXPECT_EQ(a.watch.start(-1, kRead), EBADF);
  EXPECT_FALSE(a.watch.started());
  ASSERT_EQ(a.watch.start(p.near.get(), kRead), 0);
  EXPECT_EQ(b.watch.start(p.near.get(), kRead), EEXIST);
  EXPECT_EQ(loop_.watches(), 1u);
}

TEST_F(LoopTest, RunEndsWithTheTurnOfStopAndAtOnceWhenStoppedBefore) {
  int runs = 0;
  Task task(loop_, [&] {
    if (++runs == 3) return loop_.stop();
    task.deferred.schedule();
  });
  task.deferred.schedule();
  loop_.run();
  EXPECT_EQ(runs, 3);
  task.deferred.schedule();
  loop_.stop();
  loop_.run();
  EXPECT_EQ(runs, 3);
  loop_.run_once();
  EXPECT_EQ(runs, 4);
  task.deferred.cancel();
}

TEST_F(LoopTest, WatchdogNamesASlowCallback) {
  std::string lines;
  base::log::configure({.level = base::log::Level::debug});
  base::log::capture(&lines);
  Task slow(loop_, [&] {
    const TimePoint end = RealClock::monotonic() + kSlowCallback + milliseconds(1);
    while (RealClock::monotonic() < end) {
    }
  });
  slow.deferred.schedule();
  loop_.run_once();
  base::log::capture(nullptr);
  base::log::configure({});
  EXPECT_NE(lines.find("slow callback"), std::string::npos) << lines;
  EXPECT_NE(lines.find("\"kind\":\"deferred\""), std::string::npos) << lines;
  EXPECT_NE(lines.find("\"name\":\"test task\""), std::string::npos) << lines;
}

TEST(Loop, CountsItsTurnsAndHowLongTheyTook) {
  VirtualClock clock;
  Loop loop(clock);
  Task slow(loop, [] {
    const TimePoint until = RealClock::monotonic() + milliseconds(2);
    while (RealClock::monotonic() < until) {
    }
  });
  slow.deferred.schedule();
  loop.run_once();
  EXPECT_EQ(loop.turns().count(), 1u);
  EXPECT_GE(loop.turns().sum(), milliseconds(2));
  slow.deferred.schedule();
  loop.run_once();
  EXPECT_EQ(loop.turns().count(), 2u);
}

TEST(LoopDeathTest, LoopThatEndsBeforeItsSourcesAborts) {
  EXPECT_DEATH(
      {
        VirtualClock clock;
        auto loop = std::make_unique<Loop>(clock);
        Alarm alarm(*loop, [] {});
        alarm.timer.arm(milliseconds(1));
        loop.reset();
      },
      "CHECK failed: heap_.empty");
}

TEST(LoopRealClockTest, SignalHandlersDoNotEndTheLoop) {
  RealClock clock;
  Loop loop(clock);
  int interrupted = 0;
  Alarm never(loop, [] {});
  never.timer.arm(base::hours(1));
  struct sigaction action {
  }, old{};
  action.sa_handler = [](int) {};
  ASSERT_EQ(sigaction(SIGALRM, &action, &old), 0);
  const itimerval often{{0, 1000}, {0, 1000}}, off{};  // every millisecond
  ASSERT_EQ(setitimer(ITIMER_REAL, &often, nullptr), 0);
  for (; interrupted < 3; ++interrupted)
    loop.run_once();  // nothing else can end its wait
  ASSERT_EQ(setitimer(ITIMER_REAL, &off, nullptr), 0);
  sigaction(SIGALRM, &old, nullptr);
  EXPECT_TRUE(never.timer.armed());
}

TEST_F(LoopTest, WhatIsRetiredTwiceEndsTheProcessWithAWord) {
  auto twice = [this] {
    auto* one = new int(1);
    loop_.retire(std::unique_ptr<int>(one));
    for (int i = 0; i < 100; ++i)
      loop_.retire(std::make_unique<int>(i));
    loop_.retire(std::unique_ptr<int>(one));
  };
  EXPECT_DEATH(twice(), "CHECK failed: retired_");
}

}  // namespace
}  // namespace loop
