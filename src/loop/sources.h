// What the loop calls back: FdWatch (a descriptor is ready), Timer, Deferred (work for later in the
// turn). The contract is the loop's (loop.h, L1 to L8).
#pragma once

#include <cstdint>

#include "base/delegate.h"
#include "base/list.h"
#include "loop/clock.h"

namespace loop {

class Loop;

enum : std::uint32_t { kRead = 1, kWrite = 2, kHangup = 4 };

// Calls back while the descriptor is ready (level-triggered) with the ready set: kRead and kWrite
// as far as they are in the interest; kHangup on HUP or ERR, and on RDHUP while kRead is in the
// interest.
class FdWatch : private base::Link {
 public:
  using Fn = base::Delegate<void(std::uint32_t)>;
  // `name` is a literal, for the watchdog's line. `loop` must outlive this.
  FdWatch(Loop& loop, const char* name, Fn fn) : loop_(loop), name_(name), fn_(fn) {}
  ~FdWatch() { stop(); }
  FdWatch(const FdWatch&) = delete;
  FdWatch& operator=(const FdWatch&) = delete;

  // Requires: not started; `fd` stays open until stop(). Returns 0 or errno; on an error the watch
  // is not started.
  int start(int fd, std::uint32_t interest);
  // Requires: started. Interest zero takes the descriptor out of epoll, hangups included (L7).
  // Returns 0 or errno; on an error the interest is unchanged. Readiness that was noted earlier in
  // this turn and is still wanted is kept; a hangup noted earlier is reported again at the next
  // turn.
  int set(std::uint32_t interest);
  void stop();
  bool started() const { return fd_ != -1; }
  std::uint32_t interest() const { return interest_; }

 private:
  friend class Loop;
  friend class base::List<FdWatch>;
  Loop& loop_;
  const char* name_;
  Fn fn_;
  int fd_ = -1;
  std::uint32_t interest_ = 0, ready_ = 0;
};

class Timer {
 public:
  using Fn = base::Delegate<void()>;
  Timer(Loop& loop, const char* name, Fn fn) : loop_(loop), name_(name), fn_(fn) {}
  ~Timer() { cancel(); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  // Counts from now(); replaces an earlier deadline. Zero or negative: the next turn. kForever: as
  // cancel(). Timers due at the same time fire in the order in which they were armed.
  void arm(Duration in);
  // A time in the past counts as now().
  void arm_at(TimePoint at);
  void cancel();
  // False inside its own callback, until armed again.
  bool armed() const { return slot_ != kIdle; }
  // Requires: armed().
  TimePoint deadline() const { return at_; }

 private:
  friend class Loop;
  static constexpr std::uint32_t kIdle = UINT32_MAX;
  Loop& loop_;
  const char* name_;
  Fn fn_;
  TimePoint at_{};
  std::uint64_t seq_ = 0;
  std::uint32_t slot_ = kIdle;
};

// Runs once: later in this turn when a watch or a timer scheduled it, in the next turn when
// deferred work did.
class Deferred : private base::Link {
 public:
  using Fn = base::Delegate<void()>;
  Deferred(Loop& loop, const char* name, Fn fn) : loop_(loop), name_(name), fn_(fn) {}
  ~Deferred() { cancel(); }
  Deferred(const Deferred&) = delete;
  Deferred& operator=(const Deferred&) = delete;

  void schedule();  // no effect while scheduled
  void cancel() {
    if (linked()) unlink();
  }
  bool scheduled() const { return linked(); }

 private:
  friend class Loop;
  friend class base::List<Deferred>;
  Loop& loop_;
  const char* name_;
  Fn fn_;
};

}  // namespace loop
