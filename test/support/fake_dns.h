// A name server of the tests' own, on loopback, in the test's loop: answers A and AAAA from what it
// was told, NXDOMAIN else.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/fd.h"
#include "loop/loop.h"

namespace test {

class FakeDns {
 public:
  explicit FakeDns(loop::Loop& loop);
  ~FakeDns() { watch_.stop(); }

  // For Resolver's `servers`.
  std::string server() const;

  std::map<std::string, std::vector<std::string>>
      names;  // "api.example" → addresses of either kind
  bool silent = false;
  bool broken = false;  // SERVFAIL to everything
  int queries = 0;      // datagrams that came

 private:
  void on_ready(std::uint32_t);
  base::Fd fd_;
  int port_ = 0;
  loop::FdWatch watch_;
};

}  // namespace test
