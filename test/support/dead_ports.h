// Addresses that do not answer: a port on which nobody listens, and one that takes no connection
// and refuses none.
#pragma once

#include <cerrno>
#include <vector>

#include <sys/socket.h>

#include "base/check.h"
#include "base/fd.h"
#include "net/socket.h"

namespace test {

// Bound, never listening: it refuses.
struct DeadPort {
  explicit DeadPort(const char* host = "127.0.0.1")
      : fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const auto a = net::parse_address(host, 0);
    CHECK(::bind(fd.get(), a->get(), a->length) == 0);
    port = net::local_address(fd.get()).port();
  }
  base::Fd fd;
  int port;
};

// Its backlog is full: the kernel drops what comes. `at` 0: any port.
struct BlackHole {
  explicit BlackHole(const char* host, int at = 0)
      : fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const auto any = net::parse_address(host, at);
    CHECK(::bind(fd.get(), any->get(), any->length) == 0);
    CHECK(::listen(fd.get(), 0) == 0);
    const auto where = net::local_address(fd.get());
    port = where.port();
    for (int i = 0; i < 4; ++i) {
      fill.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      const int ret = ::connect(fill.back().get(), where.get(), where.length);
      CHECK(ret == 0 || errno == EINPROGRESS);
    }
  }
  base::Fd fd;
  std::vector<base::Fd> fill;
  int port;
};

}  // namespace test
