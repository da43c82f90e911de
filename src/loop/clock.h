// Where the loop's time comes from: RealClock (one timerfd, no rounding to milliseconds) or
// VirtualClock (jumps to the next deadline when nothing is ready, so that a month of backoff runs
// in milliseconds in a test). Contract L8 of the architecture.
#pragma once

#include <sched.h>

#include "base/fd.h"
#include "base/time.h"

namespace loop {

using base::Duration;
using base::kForever;
using base::TimePoint;
using base::WallTime;

class Clock {
 public:
  virtual ~Clock() = default;
  // Never goes back.
  virtual TimePoint now() = 0;
  virtual WallTime wall() = 0;
  // A descriptor that becomes readable at the deadline last armed, or -1 (virtual): the loop polls
  // instead of waiting and calls idle().
  virtual int fd() const { return -1; }
  // Arms the descriptor for `at`, in place of what it was armed for; TimePoint{kForever}: never.
  // The loop calls it only when the next deadline is earlier than what is armed, or what is armed
  // has passed: a cancelled timer costs one wake-up for nothing rather than a system call each
  // time.
  virtual void arm(TimePoint at) = 0;
  // After the descriptor was readable; a clock without one: after a turn in which something was
  // ready or due.
  virtual void drain() {}
  // A clock without a descriptor, when nothing was ready, before the loop looks once more: what
  // this thread has sent to itself through the kernel arrives.
  virtual void settle() {}
  // The same, when nothing was ready then either: is something still on its way through the
  // kernel, so that waiting a real millisecond for it is better than letting time jump? No watch
  // was ever started on a descriptor above `last_fd`.
  virtual bool in_flight(int /*last_fd*/) { return false; }
  // Nothing was ready: time may jump to `next` (kForever: there is no timer either).
  virtual void idle(TimePoint next) = 0;
};

class RealClock final : public Clock {
 public:
  RealClock();
  TimePoint now() override { return monotonic(); }
  WallTime wall() override;
  int fd() const override { return fd_.get(); }
  void arm(TimePoint at) override;
  void drain() override;
  void idle(TimePoint) override {}

  // CLOCK_MONOTONIC whatever the loop's clock is; for the loop's watchdog.
  static TimePoint monotonic();

 private:
  base::Fd fd_;
};

// A datagram over loopback to oneself comes behind all that this thread sent before it, as long as
// the thread stays on one processor: each has a queue of its own for what goes over loopback, and
// where other processes send much, the kernel gets round to it late.
class LoopbackBarrier {
 public:
  LoopbackBarrier();   // pins the thread to the processor it is on
  ~LoopbackBarrier();  // undoes that
  LoopbackBarrier(const LoopbackBarrier&) = delete;
  LoopbackBarrier& operator=(const LoopbackBarrier&) = delete;
  // Returns when all of it has arrived, or after a second.
  void pass();

 private:
  base::Fd socket_;
  cpu_set_t before_;
};

class VirtualClock final : public Clock {
 public:
  // Starts at the given wall time (default 2026-01-01T00:00:00Z).
  explicit VirtualClock(WallTime start = {1767225600000000000}) : start_(start) {}
  TimePoint now() override { return now_; }
  WallTime wall() override { return {start_.ns + now_.since.count()}; }
  void arm(TimePoint) override {}
  void settle() override { barrier_.pass(); }
  void drain() override {
    stuck_ = false;
    waits_ = 0;
  }
  // Bytes that a socket of this process has accepted and not yet sent, though who is to read them
  // lets none lie: its window was closed, and the kernel opens it by a timer (delayed ACK, 40 ms).
  // Large answers over loopback need this, or their time limits would pass in no time. A reader
  // elsewhere that takes nothing: after kMaxWaits it counts as silent, until the number changes.
  bool in_flight(int last_fd) override;
  void idle(TimePoint next) override;
  // Nothing was ready and no timer armed at the last turn: nothing will ever happen unless a peer
  // outside acts.
  bool stuck() const { return stuck_; }
  // The loop sees it at its next turn.
  void advance(Duration d) { now_ = now_ + d; }
  // Wall clock steps (NTP, an operator); monotonic time is untouched.
  void step_wall(Duration d) { start_.ns += d.count(); }

 private:
  static constexpr int kMaxWaits = 60;  // each a real millisecond
  LoopbackBarrier barrier_;
  WallTime start_;
  TimePoint now_{};
  bool stuck_ = false;
  int waits_ = 0;
  long given_up_ = 0;  // the bytes that nobody takes
};

}  // namespace loop
