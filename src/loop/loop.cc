#include "loop/loop.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <sys/epoll.h>
#include <time.h>

#include "base/check.h"
#include "base/log.h"
#include "base/sanitized.h"

namespace loop {

namespace {

// RDHUP goes with kRead: a peer that has finished sending stays "ready" for good, and an owner that
// only writes, or has already read the end of the stream, would be called forever.
std::uint32_t to_epoll(std::uint32_t interest) {
  std::uint32_t events = 0;
  if (interest & kRead) events |= EPOLLIN | EPOLLRDHUP;
  if (interest & kWrite) events |= EPOLLOUT;
  return events;
}

std::uint32_t from_epoll(std::uint32_t events) {
  std::uint32_t ready = 0;
  if (events & EPOLLIN) ready |= kRead;
  if (events & EPOLLOUT) ready |= kWrite;
  if (events & (EPOLLHUP | EPOLLERR | EPOLLRDHUP)) ready |= kHangup;
  return ready;
}

// `ptr` nullptr marks the clock's descriptor.
int control(int epfd, int op, int fd, std::uint32_t interest, void* ptr) {
  epoll_event e{};
  e.events = to_epoll(interest);
  e.data.ptr = ptr;
  return epoll_ctl(epfd, op, fd, &e) == 0 ? 0 : errno;
}

Loop::OverLimitFn over_limit_fn;

#if K0RDENT_MCP_SANITIZED
constexpr int kSlowness = 40;  // with libFuzzer's counters, too
#elif defined(__OPTIMIZE__)
constexpr int kSlowness = 1;
#else
constexpr int kSlowness = 5;
#endif

int wait_for_events(int epfd, epoll_event* got, int timeout_ms) {
  const int n = epoll_wait(epfd, got, kEventsPerTurn, timeout_ms);
  CHECK(n >= 0 || errno == EINTR);
  return n;
}

}  // namespace

int FdWatch::start(int fd, std::uint32_t interest) {
  CHECK(!started());
  interest &= kRead | kWrite;
  if (fd < 0) return EBADF;
  if (interest != 0) {
    const int err = control(loop_.epfd_.get(), EPOLL_CTL_ADD, fd, interest, this);
    if (err != 0) return err;
  }
  fd_ = fd;
  interest_ = interest;
  ++loop_.watches_;
  loop_.last_fd_ = std::max(loop_.last_fd_, fd);
  return 0;
}

int FdWatch::set(std::uint32_t interest) {
  CHECK(started());
  interest &= kRead | kWrite;
  if (interest == interest_) return 0;
  int op = EPOLL_CTL_MOD;
  if (interest == 0) op = EPOLL_CTL_DEL;
  if (interest_ == 0) op = EPOLL_CTL_ADD;
  const int err = control(loop_.epfd_.get(), op, fd_, interest, this);
  if (err != 0) return err;
  interest_ = interest;
  ready_ &= interest;
  if (ready_ == 0 && linked()) unlink();
  return 0;
}

void FdWatch::stop() {
  if (!started()) return;
  if (interest_ != 0) control(loop_.epfd_.get(), EPOLL_CTL_DEL, fd_, 0, nullptr);
  fd_ = -1;
  interest_ = ready_ = 0;
  if (linked()) unlink();
  --loop_.watches_;
}

void Timer::arm(Duration in) {
  if (in < Duration::zero()) in = Duration::zero();
  const Duration left = kForever - loop_.now_.since;  // until the time would overflow
  arm_at({in >= left ? kForever : loop_.now_.since + in});
}

void Timer::arm_at(TimePoint at) {
  if (at.since == kForever) return cancel();
  // Never before now_: a timer armed inside a turn then sorts after all that are due in it, and
  // fire_timers() may stop at the first one whose seq_ is of this turn.
  at_ = at < loop_.now_ ? loop_.now_ : at;
  seq_ = loop_.timer_seq_++;
  if (!armed()) {
    slot_ = static_cast<std::uint32_t>(loop_.heap_.size());
    loop_.heap_.push_back(this);
  }
  loop_.up(slot_);
  loop_.down(slot_);
}

void Timer::cancel() {
  if (!armed()) return;
  const std::uint32_t hole = std::exchange(slot_, kIdle);
  Timer* last = loop_.heap_.back();
  loop_.heap_.pop_back();
  if (last == this) return;
  loop_.place(hole, last);
  loop_.up(hole);
  loop_.down(last->slot_);
}

void Deferred::schedule() {
  if (!linked()) loop_.deferred_.add(*this);
}

Loop::Loop(Clock& clock) : clock_(clock), epfd_(epoll_create1(EPOLL_CLOEXEC)), now_(clock.now()) {
  CHECK(epfd_);
  if (clock_.fd() >= 0)
    CHECK(control(epfd_.get(), EPOLL_CTL_ADD, clock_.fd(), kRead, nullptr) == 0);
}

Loop::~Loop() {
  CHECK(!in_turn_);
  // Time spent on frees here counts for no callback.
  cpu_start_ = RealClock::processor_time();
  callback_start_ = RealClock::monotonic();
  free_retired();
  CHECK(watches_ == 0);
  CHECK(heap_.empty());
  CHECK(deferred_.empty());
}

void Loop::run() {
  while (!stopping_)
    run_once();
  stopping_ = false;
}

void Loop::run_once() {
  CHECK(!in_turn_);
  in_turn_ = true;
  collect_ready();
  turn_first_seq_ = timer_seq_;
  cpu_start_ = RealClock::processor_time();
  const TimePoint start = callback_start_ = RealClock::monotonic();
  call_watches();
  fire_timers();
  run_deferred();
  free_retired();
  turns_.observe(callback_start_ - start);
  in_turn_ = false;
}

// Only our own code runs here, so every pointer that epoll returns is alive: a watch that is
// stopped or destroyed later in this turn leaves the ready list.
void Loop::collect_ready() {
  epoll_event got[kEventsPerTurn];
  const TimePoint next = heap_.empty() ? TimePoint{kForever} : heap_[0]->at_;
  // What was retired between turns is freed at the end of this turn, which therefore does not wait.
  const bool busy = !deferred_.empty() || !retired_.empty() || next <= now_;
  int n = 0;
  if (clock_.fd() < 0) {
    n = poll_virtual(got, next, busy);
  } else {
    if (!busy) arm_clock(next);
    n = wait_for_events(epfd_.get(), got, busy ? 0 : -1);
  }
  for (int i = 0; i < n; ++i) {
    auto* watch = static_cast<FdWatch*>(got[i].data.ptr);
    if (watch == nullptr) {
      clock_.drain();
      armed_ = TimePoint{kForever};
      continue;
    }
    watch->ready_ = from_epoll(got[i].events);
    ready_.add(*watch);
  }
  now_ = clock_.now();
}

int Loop::poll_virtual(epoll_event* got, TimePoint next, bool busy) {
  int n = wait_for_events(epfd_.get(), got, 0);
  if (n == 0 && !busy) {
    clock_.settle();
    n = wait_for_events(epfd_.get(), got, 0);
    while (n == 0 && clock_.in_flight(last_fd_))
      n = wait_for_events(epfd_.get(), got, 1);
    if (n == 0) {
      clock_.idle(next);
      return 0;
    }
  }
  clock_.drain();
  // A fixed order, whenever the kernel reported each: tests are repeatable.
  std::sort(got, got + std::max(n, 0), [](const epoll_event& a, const epoll_event& b) {
    return static_cast<FdWatch*>(a.data.ptr)->fd_ < static_cast<FdWatch*>(b.data.ptr)->fd_;
  });
  return n;
}

void Loop::arm_clock(TimePoint next) {
  if (next < armed_ || (next != armed_ && armed_ <= now_)) {
    clock_.arm(next);
    armed_ = next;
  }
}

void Loop::call_watches() {
  while (FdWatch* watch = ready_.pop()) {
    const std::uint32_t ready = std::exchange(watch->ready_, 0u);
    const char* name = watch->name_;
    watch->fn_(ready);  // may destroy *watch
    end_callback("watch", name);
  }
}

void Loop::fire_timers() {
  while (!heap_.empty() && heap_[0]->at_ <= now_ && heap_[0]->seq_ < turn_first_seq_) {
    Timer* timer = heap_[0];
    const char* name = timer->name_;
    timer->cancel();
    timer->fn_();
    end_callback("timer", name);
  }
}

void Loop::run_deferred() {
  base::List<Deferred> batch;  // work scheduled meanwhile waits for the next turn
  batch.take(deferred_);
  while (Deferred* task = batch.pop()) {
    const char* name = task->name_;
    task->fn_();
    end_callback("deferred", name);
  }
}

void Loop::retire(Dead dead) {
  const std::size_t checked = std::min(retired_.size(), retired_checked_);
  for (std::size_t i = retired_.size() - checked; i < retired_.size(); ++i)
    CHECK(retired_[i].p != dead.p);
  retired_.push_back(dead);
}

void Loop::free_retired() {
  if (retired_.empty()) return;
  for (std::size_t i = 0; i < retired_.size(); ++i) {  // grows while destructors retire more
    const Dead dead = retired_[i];
    dead.destroy(dead.p);
    retired_[i].p = nullptr;  // another object may get this address now
  }
  retired_.clear();
  end_callback("retire", "destructors");
}

void Loop::end_callback(const char* kind, const char* name) {
  const TimePoint end = RealClock::monotonic();
  const Duration took = end - callback_start_;
  callback_start_ = end;
  if (took > kSlowCallback) judge_slow(kind, name, took);
}

// The CPU time includes earlier short callbacks of this turn, at most kSlowCallback each; hence the
// minimum with this callback's own time.
void Loop::judge_slow(const char* kind, const char* name, Duration took) {
  const Duration cpu = std::min(took, RealClock::processor_time() - cpu_start_);
  if (cpu > kSlowness * kCallbackLimit) {
    ++over_limit_;
    if (over_limit_fn) {
      over_limit_fn(kind, name, cpu);
    } else {
      LOG_WARN("callback holds the loop", {"kind", kind}, {"name", name}, {"ms", base::to_ms(took)},
               {"cpu_ms", base::to_ms(cpu)});
    }
  } else {
    LOG_DEBUG("slow callback", {"kind", kind}, {"name", name}, {"ms", base::to_ms(took)},
              {"cpu_ms", base::to_ms(cpu)});
  }
  cpu_start_ = RealClock::processor_time();
  callback_start_ = RealClock::monotonic();  // logging does not count for the next callback
}

void Loop::on_over_limit(OverLimitFn fn) {
  over_limit_fn = fn;
}

void Loop::up(std::uint32_t i) {
  Timer* t = heap_[i];
  while (i > 0) {
    const std::uint32_t parent = (i - 1) / 2;
    if (!before(t, heap_[parent])) break;
    place(i, heap_[parent]);
    i = parent;
  }
  place(i, t);
}

void Loop::down(std::uint32_t i) {
  Timer* t = heap_[i];
  for (;;) {
    std::uint32_t child = 2 * i + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && before(heap_[child + 1], heap_[child])) ++child;
    if (!before(heap_[child], t)) break;
    place(i, heap_[child]);
    i = child;
  }
  place(i, t);
}

}  // namespace loop
