// The source of the loop's time: RealClock (one timerfd, no rounding to milliseconds) or
// VirtualClock (jumps to the next deadline when nothing is ready, so that a test runs a month of
// backoff in milliseconds). L8 of the loop's contract (loop.h).
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
  // A descriptor that becomes readable at the deadline last armed; -1 for a virtual clock, where
  // the loop polls instead of waiting and calls idle().
  virtual int fd() const { return -1; }
  // Arms the descriptor for `at`, replacing the previous deadline; TimePoint{kForever} disarms it.
  // The loop calls this only when the next deadline is earlier than the armed one, or when the
  // armed one has passed: a cancelled timer may cause one idle wake-up, but needs no system call.
  virtual void arm(TimePoint at) = 0;
  // Called after the descriptor was readable; for a clock without one, after a turn in which
  // something was ready or due.
  virtual void drain() {}
  // For a clock without a descriptor. Called when nothing was ready, before the loop polls again:
  // waits for the delivery of what this thread has sent to itself through the kernel.
  virtual void settle() {}
  // For a clock without a descriptor. Called when nothing was ready after settle() either: whether
  // something is still on its way through the kernel, so that the loop waits a real millisecond for
  // it instead of letting time jump. `last_fd` is the highest descriptor that was ever watched.
  virtual bool in_flight(int /*last_fd*/) { return false; }
  // Called when nothing was ready: time may jump to `next` (kForever: no timer is armed).
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

  // CLOCK_MONOTONIC, whichever clock the loop uses; for the loop's watchdog.
  static TimePoint monotonic();
  // What this thread has used of a processor. Unlike monotonic() it stands still while others run.
  static Duration processor_time();

 private:
  base::Fd fd_;
};

// Waits for loopback delivery: a datagram sent to oneself arrives after everything that this thread
// sent over loopback before it, as long as the thread stays on one processor. Each processor has
// its own queue for loopback, and the kernel may process it late when other processes send a lot.
class LoopbackBarrier {
 public:
  LoopbackBarrier();   // pins the thread to its current processor
  ~LoopbackBarrier();  // undoes that
  LoopbackBarrier(const LoopbackBarrier&) = delete;
  LoopbackBarrier& operator=(const LoopbackBarrier&) = delete;
  // Returns when everything has arrived, or after a second at the latest.
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
  // True while a socket of this process holds bytes that it has accepted and not yet sent, although
  // their reader leaves none unread: its window was closed, and the kernel opens it by a timer
  // (delayed ACK, 40 ms). Without this, the time limits of large responses over loopback would
  // expire at once. After kMaxWaits a reader in another process that takes nothing counts as
  // silent, until the number of bytes changes. Once it was false, it stays so until an event comes.
  bool in_flight(int last_fd) override;
  void idle(TimePoint next) override;
  // True when nothing was ready and no timer was armed at the last turn: only a peer outside this
  // process can make anything happen.
  bool stuck() const { return stuck_; }
  // Takes effect at the loop's next turn.
  void advance(Duration d) { now_ = now_ + d; }
  // Steps the wall clock (as NTP or an operator does); monotonic time does not change.
  void step_wall(Duration d) { start_.ns += d.count(); }

 private:
  static constexpr int kMaxWaits = 60;  // of one real millisecond each
  LoopbackBarrier barrier_;
  WallTime start_;
  TimePoint now_{};
  bool stuck_ = false;
  int waits_ = 0;
  long given_up_ = 0;  // the unsent bytes of readers that count as silent
};

}  // namespace loop
