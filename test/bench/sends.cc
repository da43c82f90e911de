// What the kernel alone takes for the sends of one event to many subscribers: the limit of the row
// "subscribers" on this machine. The same number of loopback connections, the same bytes, one
// sendmsg of four pieces each, and a reader like subscribers.cc; nothing else.
//
// usage: sends COUNT BYTES
//   Prints "CPU WALL", medians of 21 rounds in ms: the sender's processor time, and the time from
//   the first send to the last byte read.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

namespace {

constexpr int kRounds = 21;
// Between rounds: delayed ACKs (40 ms) are sent meanwhile and not in the round that is timed. A
// measurement, no test.
constexpr useconds_t kRestUs = 100'000;

double now_ms(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) / 1e6;
}

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::_Exit(1);
}

void watch(int poll, int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  const int one = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (::epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event) != 0) fail("epoll_ctl");
}

// One byte to `done` when all are connected and whenever a round was read.
[[noreturn]] void read_rounds(const sockaddr_in& to, std::size_t count, std::size_t bytes,
                              int done) {
  const int poll = ::epoll_create1(EPOLL_CLOEXEC);
  for (std::size_t i = 0; i < count; ++i) {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) fail("connect");
    watch(poll, fd);
  }
  std::vector<epoll_event> ready(1024);
  std::vector<char> buffer(1 << 20);
  if (::write(done, "r", 1) != 1) fail("write");
  for (std::size_t left = count * bytes;;) {
    const int n = ::epoll_wait(poll, ready.data(), static_cast<int>(ready.size()), -1);
    for (int i = 0; i < n; ++i) {
      const int fd = ready[static_cast<std::size_t>(i)].data.fd;
      const ssize_t got = ::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (got <= 0) std::_Exit(0);
      left -= static_cast<std::size_t>(got);
    }
    if (left > 0) continue;
    left = count * bytes;
    if (::write(done, "d", 1) != 1) fail("write");
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const std::size_t count = std::strtoul(argv[1], nullptr, 10);
  const std::size_t bytes = std::max(std::strtoul(argv[2], nullptr, 10), 64ul);
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  int done[2];
  if (::bind(listener, reinterpret_cast<sockaddr*>(&at), size) != 0 ||
      ::listen(listener, 4096) != 0 ||
      ::getsockname(listener, reinterpret_cast<sockaddr*>(&at), &size) != 0 || ::pipe(done) != 0)
    fail("listen");
  if (::fork() == 0) read_rounds(at, count, bytes, done[1]);

  const int poll =
      ::epoll_create1(EPOLL_CLOEXEC);  // nobody waits, but the server's are in one, too
  std::vector<int> fds(count);
  for (int& fd : fds) {
    fd = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
    if (fd < 0) fail("accept");
    watch(poll, fd);
  }
  std::string text(bytes, 'x');
  iovec pieces[4] = {
      {text.data(), 5}, {text.data(), 9}, {text.data(), bytes - 16}, {text.data(), 2}};
  msghdr message{};
  message.msg_iov = pieces;
  message.msg_iovlen = 4;
  char byte;
  if (::read(done[0], &byte, 1) != 1) fail("read");
  std::vector<double> cpu, wall;
  for (int i = 0; i < kRounds; ++i) {
    ::usleep(kRestUs);
    const double cpu_start = now_ms(CLOCK_PROCESS_CPUTIME_ID), start = now_ms(CLOCK_MONOTONIC);
    for (const int fd : fds) {
      if (::sendmsg(fd, &message, MSG_NOSIGNAL) != static_cast<ssize_t>(bytes)) fail("sendmsg");
    }
    cpu.push_back(now_ms(CLOCK_PROCESS_CPUTIME_ID) - cpu_start);
    if (::read(done[0], &byte, 1) != 1) fail("read");
    wall.push_back(now_ms(CLOCK_MONOTONIC) - start);
  }
  std::sort(cpu.begin(), cpu.end());
  std::sort(wall.begin(), wall.end());
  std::printf("%.1f %.1f\n", cpu[kRounds / 2], wall[kRounds / 2]);
}
