// Names to addresses without blocking, by c-ares (resolve.cc alone includes it). Literal addresses are answered without it.
// /etc/hosts (or the file that CARES_HOSTS names) and /etc/resolv.conf are honoured; "localhost" always gives 127.0.0.1 and ::1.
// The channel is made at the first real query, and anew after a failure, so that a changed resolv.conf is seen.
// Positive answers are kept kAnswerTtl; when a later query fails the last good answer is used, unless the
// name servers say that the name is gone. Failures are not kept.
//
// c-ares has a clock of its own, the system's, for its retries; kResolveTimeout is the loop's.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/delegate.h"
#include "base/error.h"
#include "loop/loop.h"
#include "net/socket.h"

namespace net {

constexpr base::Duration kAnswerTtl = base::seconds(30);
constexpr base::Duration kResolveTimeout = base::seconds(10);  // for one query in all
constexpr std::size_t kMaxAddresses = 16;                      // of one answer; a dial has time for no more
constexpr std::size_t kMaxNames = 256;                         // kept; a configuration names a handful

class Resolver;

// One question; a member of whoever asks. Its destructor cancels.
class Resolution {
 public:
  // Never inside start(), as the last statement. At least one address on success, IPv6 and IPv4 interleaved, in the order to try them;
  // port set. Errors read "resolve NAME: …": not_found when there is no such name, timeout, unavailable, invalid_argument for no name at all.
  using Fn = base::Delegate<void(base::Result<std::vector<Address>>)>;
  Resolution(Resolver& resolver, Fn fn);
  ~Resolution();
  Resolution(const Resolution&) = delete;
  Resolution& operator=(const Resolution&) = delete;
  // Requires: not active. `host`: a name, or a literal address with or without brackets.
  void start(const std::string& host, int port);
  void cancel();
  bool active() const;

 private:
  friend class Resolver;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

class Resolver {
 public:
  // `loop` outlives it; every Resolution dies before it. `servers` ("127.0.0.1:5353,[::1]:5354") replace those of resolv.conf.
  explicit Resolver(loop::Loop& loop, std::string servers = {});
  ~Resolver();

 private:
  friend class Resolution;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace net
