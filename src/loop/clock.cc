#include "loop/clock.h"

#include <algorithm>
#include <cstring>

#include <linux/sockios.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
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

Duration RealClock::processor_time() {
  return Duration(read_clock(CLOCK_THREAD_CPUTIME_ID));
}

WallTime RealClock::wall() {
  return {read_clock(CLOCK_REALTIME)};
}

void RealClock::arm(TimePoint at) {
  itimerspec spec{};
  if (at.since != kForever) {
    // All zeros would disarm it.
    const std::int64_t ns = at.since.count() > 0 ? at.since.count() : 1;
    spec.it_value.tv_sec = ns / kNsPerSecond;
    spec.it_value.tv_nsec = ns % kNsPerSecond;
  }
  CHECK(timerfd_settime(fd_.get(), TFD_TIMER_ABSTIME, &spec, nullptr) == 0);
}

void RealClock::drain() {
  std::uint64_t expirations = 0;
  // EAGAIN when it was re-armed meanwhile: there is nothing to read.
  [[maybe_unused]] const ssize_t n = ::read(fd_.get(), &expirations, sizeof expirations);
}

LoopbackBarrier::LoopbackBarrier()
    : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
  CPU_ZERO(&before_);
  ::sched_getaffinity(0, sizeof before_, &before_);
  cpu_set_t here;
  CPU_ZERO(&here);
  CPU_SET(static_cast<unsigned>(std::max(::sched_getcpu(), 0)), &here);
  ::sched_setaffinity(0, sizeof here, &here);
  sockaddr_in self{};
  self.sin_family = AF_INET;
  self.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof self;
  auto* address = reinterpret_cast<sockaddr*>(&self);
  CHECK(socket_ && ::bind(socket_.get(), address, size) == 0 &&
        ::getsockname(socket_.get(), address, &size) == 0 &&
        ::connect(socket_.get(), address, size) == 0);
}

LoopbackBarrier::~LoopbackBarrier() {
  ::sched_setaffinity(0, sizeof before_, &before_);
}

void LoopbackBarrier::pass() {
  // A delivery may make the kernel send in turn: a SYN, its SYN-ACK, the ACK.
  for (int depth = 0; depth < 3; ++depth) {
    char byte = 0;
    if (::send(socket_.get(), &byte, 1, 0) != 1) return;
    pollfd waited{socket_.get(), POLLIN, 0};
    if (::recv(socket_.get(), &byte, 1, 0) != 1 && ::poll(&waited, 1, 1000) == 1) {
      ::recv(socket_.get(), &byte, 1, 0);
    }
  }
}

namespace {

using NameOf = int (*)(int, sockaddr*, socklen_t*);

bool same_name(int a, NameOf name_of_a, int b, NameOf name_of_b) {
  sockaddr_storage x{}, y{};
  socklen_t x_size = sizeof x, y_size = sizeof y;
  return name_of_a(a, reinterpret_cast<sockaddr*>(&x), &x_size) == 0 &&
         name_of_b(b, reinterpret_cast<sockaddr*>(&y), &y_size) == 0 && x_size == y_size &&
         std::memcmp(&x, &y, x_size) == 0;
}

// The other end is in this process and leaves bytes unread: nothing is on its way.
bool is_left_unread(int fd, int last_fd) {
  for (int peer = 3; peer <= last_fd; ++peer) {
    int bytes = 0;
    if (peer != fd && ::ioctl(peer, FIONREAD, &bytes) == 0 && bytes > 0 &&
        same_name(fd, ::getpeername, peer, ::getsockname) &&
        same_name(fd, ::getsockname, peer, ::getpeername)) {
      return true;
    }
  }
  return false;
}

long unsent_bytes(int last_fd) {
  long sum = 0;
  for (int fd = 3; fd <= last_fd; ++fd) {
    int bytes = 0;
    if (::ioctl(fd, SIOCOUTQNSD, &bytes) == 0 && bytes > 0 && !is_left_unread(fd, last_fd))
      sum += bytes;
  }
  return sum;
}

// A value of waits_: no socket had unsent bytes, and no event came since.
constexpr int kNothingSince = -1;

}  // namespace

// A call a socket: too many for each step of the time. What is sent stirs a reader of this process,
// and so drain(), before it can be held up.
bool VirtualClock::in_flight(int last_fd) {
  if (waits_ == kNothingSince) return false;
  const long unsent = unsent_bytes(last_fd);
  if (unsent == 0) {
    given_up_ = 0;
    waits_ = kNothingSince;
    return false;
  }
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
