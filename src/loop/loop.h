// The event loop: one thread, epoll, one heap of timers. What it calls back stands in sources.h. The
// contract of both:
//
// L1 FdWatch, Timer and Deferred are members of their owner and are neither copied nor moved.
//    Arming allocates nothing (the timer heap grows amortised).
// L2 stop(), cancel() and destructors may be called at any time, from any callback, including the
//    object's own. After they return, no callback of that object runs.
// L3 A turn: wait; note readiness without running user code; call the ready watches one by one;
//    then the timers that are due; then deferred work scheduled before this point; then free what
//    was retired. After calling a watch the loop does not touch it again.
// L4 now() is read once per turn. A timer armed inside a turn fires in a later one, even with a
//    delay of zero.
// L5 An object whose method may be on the stack is freed by retire() at the end of the turn.
// L6 Readiness is a hint: EAGAIN is not an error.
// L7 A watch with interest zero is removed from epoll (HUP and ERR cannot be masked).
// L8 One timerfd (RealClock) or none (VirtualClock).
//
// A virtual clock jumps only after two empty polls with Clock::settle() between them, and when
// Clock::in_flight() is false: loopback delivery usually happens inside the sender's system call,
// but the kernel may hand it to its softirq thread.
//
// A watchdog times every callback with the monotonic clock (one read each, no system call; under a
// virtual clock too). A callback longer than kSlowCallback logs a DEBUG line with the name of its
// watch, timer or task. One that uses the processor for longer than kCallbackLimit is a fault of
// ours: it is counted and logs a WARN line "callback holds the loop". Time lost to a busy machine
// is not: the thread's own CPU time decides (read once a turn and twice a slow callback).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/delegate.h"
#include "base/fd.h"
#include "base/list.h"
#include "base/metrics.h"
#include "loop/clock.h"
#include "loop/sources.h"

struct epoll_event;

namespace loop {

// An epoll loop that serves p99 <= 1 ms cannot afford a callback longer than this.
constexpr Duration kSlowCallback = base::milliseconds(5);
// The longest that a callback may make others wait: longer work is split over several turns. (A
// build without optimisation gets five times as long, an instrumented one twenty times.)
constexpr Duration kCallbackLimit = base::milliseconds(20);

// From a turn that serves one request to one that delays every client noticeably.
constexpr std::array<Duration, 12> kTurnBounds = {
    base::microseconds(10),   base::microseconds(50),  base::microseconds(100),
    base::microseconds(250),  base::microseconds(500), base::milliseconds(1),
    base::microseconds(2500), base::milliseconds(5),   base::milliseconds(10),
    base::milliseconds(25),   base::milliseconds(100), base::seconds(1)};

// Descriptors per turn, so that many busy peers never starve the timers; at the next turn epoll
// reports the remaining ones first. Takes 3 KiB of stack.
constexpr int kEventsPerTurn = 256;

class Loop {
 public:
  // `clock` must outlive the loop.
  explicit Loop(Clock& clock);
  // Frees what was retired. Requires: no FdWatch, Timer or Deferred of this loop is active
  // (checked).
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  TimePoint now() const { return now_; }
  WallTime wall_now() { return clock_.wall(); }

  // Requires (both): not called from a callback.
  // Returns at the end of the turn in which stop() is called; at once if it was called before.
  void run();
  void run_once();  // one turn; waits when nothing is due (never with a virtual clock)
  void stop() { stopping_ = true; }

  // Frees `dead` at the end of the turn (L5). Destructors may retire more objects. Requires: it is
  // not already retired (checked against the latest ones; check_retired() checks against all).
  template <class T>
  void retire(std::unique_ptr<T> dead) {
    if (dead) retire({dead.release(), [](void* p) { delete static_cast<T*>(p); }});
  }
  // For tests: every loop checks each retired object against all others.
  static void check_retired() { retired_checked_ = SIZE_MAX; }

  // What is active; for tests, metrics and the check at the end of a run.
  std::size_t watches() const { return watches_; }  // started, whatever their interest
  std::size_t timers() const { return heap_.size(); }
  // Durations of turns without their wait, by the monotonic clock.
  const base::metrics::Histogram& turns() const { return turns_; }
  // Number of callbacks beyond kCallbackLimit since the start.
  std::uint64_t over_limit() const { return over_limit_; }
  // For tests, which treat it as an error: called by every loop instead of logging. {} restores the
  // log line.
  using OverLimitFn = base::Delegate<void(const char* kind, const char* name, Duration cpu)>;
  static void on_over_limit(OverLimitFn fn);

 private:
  friend class FdWatch;
  friend class Timer;
  friend class Deferred;
  void collect_ready();
  int poll_virtual(epoll_event* got, TimePoint next, bool busy);
  void arm_clock(TimePoint next);
  void call_watches();
  void fire_timers();
  void run_deferred();
  void free_retired();
  void end_callback(const char* kind, const char* name);
  void judge_slow(const char* kind, const char* name, Duration took);
  void place(std::uint32_t i, Timer* t) {
    heap_[i] = t;
    t->slot_ = i;
  }
  void up(std::uint32_t i);
  void down(std::uint32_t i);
  static bool before(const Timer* a, const Timer* b) {
    return a->at_ != b->at_ ? a->at_ < b->at_ : a->seq_ < b->seq_;
  }
  struct Dead {
    void* p;
    void (*destroy)(void*);
  };
  void retire(Dead dead);
  // A double retire usually happens in a row; a turn that ends hundreds must not pay for a full
  // check.
  static inline std::size_t retired_checked_ = 16;

  Clock& clock_;
  base::Fd epfd_;
  TimePoint now_;
  TimePoint armed_{kForever};   // the deadline armed on the clock's descriptor
  TimePoint callback_start_{};  // monotonic; the end of one callback is the start of the next
  Duration cpu_start_{};        // thread CPU time at the turn start or last slow callback end
  std::uint64_t over_limit_ = 0;
  bool stopping_ = false, in_turn_ = false;
  std::size_t watches_ = 0;
  int last_fd_ = -1;  // the highest descriptor ever watched
  base::List<FdWatch> ready_;
  base::List<Deferred> deferred_;
  std::vector<Timer*> heap_;
  std::uint64_t timer_seq_ = 0;
  std::uint64_t turn_first_seq_ = 0;  // timers armed in this turn have this seq_ or a higher one
  std::vector<Dead> retired_;
  base::metrics::Histogram turns_{kTurnBounds};
};

}  // namespace loop
