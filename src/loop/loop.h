// The event loop: one thread, epoll, one heap of timers. Its contract (L1-L8, architecture "The
// loop's contract"):
//
// L1 FdWatch, Timer, Deferred are members of their owner; neither copied nor moved. Arming
//    allocates nothing (the timer heap grows amortised).
// L2 stop(), cancel(), destructors: any time, from any callback, also one's own. After they return,
//    no callback of that object.
// L3 A turn: wait; note readiness without running user code; call ready watches one by one; then
//    timers due; then deferred work scheduled before this point; then free what was retired. After
//    a call the loop does not touch the watch again.
// L4 now() is read once per turn. A timer armed inside a turn fires in a later one, even with delay
//    zero.
// L5 An object whose method may be on the stack is freed by retire() at the end of the turn.
// L6 Readiness is a hint: EAGAIN is no error.
// L7 Interest zero means removed from epoll (HUP and ERR cannot be masked).
// L8 One timerfd (RealClock) or none (VirtualClock).
//
// A virtual clock jumps only after two empty polls in a row with a yield between: loopback delivery
// is done inside the sender's system call, except when the kernel hands it to its softirq thread.
//
// A watchdog times every callback by the monotonic clock (one read each, no system call; also under
// a virtual clock): one that runs longer than kSlowCallback is a DEBUG line with the name of its
// watch, timer or task. One that keeps the processor longer than kCallbackLimit is a fault of ours: a
// WARN line "callback holds the loop", and it is counted. A busy machine is no fault: for that the
// thread's own CPU time is asked (one system call a turn, one a slow callback).
//
// Longer than other headers: the contract is one, and its four classes are each other's friends.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/delegate.h"
#include "base/fd.h"
#include "base/link.h"
#include "base/metrics.h"
#include "loop/clock.h"

struct epoll_event;

namespace loop {

class Loop;

// 5 ms: an epoll loop that serves p99 <= 1 ms cannot afford one callback longer than that.
constexpr Duration kSlowCallback = base::milliseconds(5);
// What nobody may do to those who wait: work that may be longer is cut into turns. (A program built
// without optimisation gets five times of it, one that is instrumented twenty times.)
constexpr Duration kCallbackLimit = base::milliseconds(20);

// From a turn that serves one request to one that is too long for anybody who waits.
constexpr std::array<Duration, 12> kTurnBounds = {
    base::microseconds(10),   base::microseconds(50),  base::microseconds(100),
    base::microseconds(250),  base::microseconds(500), base::milliseconds(1),
    base::microseconds(2500), base::milliseconds(5),   base::milliseconds(10),
    base::milliseconds(25),   base::milliseconds(100), base::seconds(1)};

// Descriptors per turn, so that many busy peers never starve timers; epoll hands out the others
// first at the next turn. 3 KiB of stack.
constexpr int kEventsPerTurn = 256;

enum : std::uint32_t { kRead = 1, kWrite = 2, kHangup = 4 };

// Calls back with the ready set (kRead, kWrite of the interest; kHangup whenever HUP or ERR is up,
// and RDHUP too while kRead is wanted) while the descriptor is ready (level-triggered).
class FdWatch : private base::Link {
 public:
  using Fn = base::Delegate<void(std::uint32_t)>;
  // `name` is a literal for the watchdog's line. `loop` outlives this.
  FdWatch(Loop& loop, const char* name, Fn fn) : loop_(loop), name_(name), fn_(fn) {}
  ~FdWatch() { stop(); }
  FdWatch(const FdWatch&) = delete;
  FdWatch& operator=(const FdWatch&) = delete;

  // Requires: not started; `fd` stays open until stop(). Returns 0 or errno (then not started).
  int start(int fd, std::uint32_t interest);
  // Requires: started. Zero takes it out of epoll, hangups included (L7). Returns 0 or errno (then
  // the interest is as before). Readiness noted earlier in this turn and still wanted is kept;
  // a hangup noted earlier comes again at the next turn.
  int set(std::uint32_t interest);
  void stop();
  bool started() const { return fd_ != -1; }
  std::uint32_t interest() const { return interest_; }

 private:
  friend class Loop;
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

  // From now(); replaces an earlier arm. Zero or negative: the next turn. kForever: never (as
  // cancel()). Timers due at the same time fire in the order of their arming.
  void arm(Duration in);
  // A time that has passed counts as now().
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

// Runs once, later in this turn when scheduled by a watch or timer, in the next turn when scheduled
// by deferred work.
class Deferred : private base::Link {
 public:
  using Fn = base::Delegate<void()>;
  Deferred(Loop& loop, const char* name, Fn fn) : loop_(loop), name_(name), fn_(fn) {}
  ~Deferred() { cancel(); }
  Deferred(const Deferred&) = delete;
  Deferred& operator=(const Deferred&) = delete;

  void schedule();  // again while scheduled: no effect
  void cancel() {
    if (linked()) unlink();
  }
  bool scheduled() const { return linked(); }

 private:
  friend class Loop;
  Loop& loop_;
  const char* name_;
  Fn fn_;
};

class Loop {
 public:
  // `clock` outlives the loop.
  explicit Loop(Clock& clock);
  // Frees what is retired. Requires: no FdWatch, Timer or Deferred of it is active (checked).
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  TimePoint now() const { return now_; }
  WallTime wall_now() { return clock_.wall(); }

  // Requires (both): not called from a callback.
  void run();       // until the end of the turn in which stop() is called; at once if it was before
  void run_once();  // one turn; waits when nothing is due (never with a virtual clock)
  void stop() { stopping_ = true; }

  // Frees `dead` at the end of the turn (L5). Destructors may retire more. Requires: it is not
  // retired already (checked among the last ones; among all of the turn's by check_retired()).
  template <class T>
  void retire(std::unique_ptr<T> dead) {
    if (dead) retire({dead.release(), [](void* p) { delete static_cast<T*>(p); }});
  }
  // For tests: looks at everything that is retired whenever something is, in every loop.
  static void check_retired() { retired_checked_ = SIZE_MAX; }

  // What is active; for tests, metrics and the end-of-run check.
  std::size_t watches() const { return watches_; }  // started, whatever their interest
  std::size_t timers() const { return heap_.size(); }
  // How long turns took without their wait, by the monotonic clock.
  const base::metrics::Histogram& turns() const { return turns_; }
  // Callbacks beyond kCallbackLimit since the start.
  std::uint64_t over_limit() const { return over_limit_; }
  // For tests, which make it an error: of every loop, instead of the line. {}: as it was.
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
  // Who retires twice does so in a row, as a rule; a turn that ends hundreds is not to pay for it.
  static inline std::size_t retired_checked_ = 16;

  Clock& clock_;
  base::Fd epfd_;
  TimePoint now_;
  TimePoint armed_{kForever};   // what the clock's descriptor is set to
  TimePoint callback_start_{};  // monotonic; the end of one callback is the start of the next
  Duration cpu_start_{};  // the thread's own time, at the turn's start or the last slow callback's end
  std::uint64_t over_limit_ = 0;
  bool stopping_ = false, in_turn_ = false;
  std::size_t watches_ = 0;
  int last_fd_ = -1;  // the highest that was ever watched
  base::Link ready_, deferred_;
  std::vector<Timer*> heap_;
  std::uint64_t timer_seq_ = 0;
  std::uint64_t turn_first_seq_ = 0;  // a timer armed inside this turn has this or a higher one
  std::vector<Dead> retired_;
  base::metrics::Histogram turns_{kTurnBounds};
};

}  // namespace loop
