#include "loop/clock.h"

#include <cerrno>

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/timerfd.h>
#include <time.h>

#include "base/check.h"

namespace loop {

namespace {

constexpr std::int64_t kNsPerSecond = 1000000000;

std::int64_t read_clock(clockid_t id) {
  timespec t{};
  clock_gettime(id, &t);
  return t.tv_sec * kNsPerSecond + t.tv_nsec;
}

}  // namespace

RealClock::RealClock() : fd_(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) {
  CHECK(fd_);
}

TimePoint RealClock::monotonic() {
  return {Duration(read_clock(CLOCK_MONOTONIC))};
}

WallTime RealClock::wall() {
  return {read_clock(CLOCK_REALTIME)};
}

void RealClock::arm(TimePoint at) {
  itimerspec spec{};
  if (at.since != kForever) {
    // All zero would disarm it.
    const std::int64_t ns = at.since.count() > 0 ? at.since.count() : 1;
    spec.it_value.tv_sec = ns / kNsPerSecond;
    spec.it_value.tv_nsec = ns % kNsPerSecond;
  }
  CHECK(timerfd_settime(fd_.get(), TFD_TIMER_ABSTIME, &spec, nullptr) == 0);
}

void RealClock::drain() {
  std::uint64_t expirations = 0;
  // EAGAIN when it was re-armed in between: nothing to take.
  [[maybe_unused]] const ssize_t n = ::read(fd_.get(), &expirations, sizeof expirations);
}

static long unsent_bytes(int last_fd) {
  long sum = 0;
  for (int fd = 3; fd <= last_fd; ++fd) {
    int bytes = 0;
    if (::ioctl(fd, SIOCOUTQNSD, &bytes) == 0) sum += bytes;
  }
  return sum;
}

bool VirtualClock::in_flight(int last_fd) {
  const long unsent = unsent_bytes(last_fd);
  if (unsent == 0) given_up_ = 0;
  if (unsent == given_up_) return false;
  if (++waits_ <= kMaxWaits) return true;
  waits_ = 0;
  given_up_ = unsent;
  return false;
}

void VirtualClock::idle(TimePoint next) {
  stuck_ = next.since == kForever;
  if (!stuck_ && next > now_) now_ = next;
}

}  // namespace loop
