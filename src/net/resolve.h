// Resolves names to addresses without blocking, with c-ares (only resolve.cc includes it).
//
// - Literal addresses need no query; "localhost" always gives 127.0.0.1 and ::1.
// - /etc/hosts (or the file that CARES_HOSTS names) and /etc/resolv.conf are honoured. The c-ares
//   channel is created at the first real query and again after a failure, so that a changed
//   resolv.conf takes effect.
// - Positive answers are cached for kAnswerTtl. When a later query fails, the last good answer is
//   used unless the name servers report that the name does not exist. Failures are not cached.
//
// For its retries c-ares uses the system's clock; kResolveTimeout runs on the loop's.
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
constexpr base::Duration kResolveTimeout = base::seconds(10);  // for a query with its retries
constexpr std::size_t kMaxAddresses = 16;  // per answer; a dial has no time for more
constexpr std::size_t kMaxNames = 256;     // cached; a configuration names a handful

class Resolver;

// One question; a member of its owner. The destructor cancels.
class Resolution {
 public:
  // Never called inside start(); called as the last statement. On success there is at least one
  // address, IPv6 and IPv4 interleaved in the order to try them, with the port set. Errors read
  // "resolve NAME: …": not_found when the name does not exist or has no address, timeout,
  // unavailable, invalid_argument when it is not a host name.
  using Fn = base::Delegate<void(base::Result<std::vector<Address>>)>;
  // `resolver` must outlive this.
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
  // `loop` must outlive the Resolver, and the Resolver every Resolution. `servers`
  // ("127.0.0.1:5353,[::1]:5354") replace those of resolv.conf.
  explicit Resolver(loop::Loop& loop, std::string servers = {});
  ~Resolver();

 private:
  friend class Resolution;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace net
