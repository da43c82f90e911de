// ProxyTunnel: a connection to an HTTP proxy made into one to the server behind it, by CONNECT
// (RFC 9110, 9.3.6). The request holds the target and, when the proxy's URL has a user, its
// Proxy-Authorization; nothing of what is sent through the tunnel later.
#pragma once

#include <cstdint>
#include <string>

#include "base/delegate.h"
#include "base/error.h"
#include "base/fd.h"
#include "loop/loop.h"

namespace net {

struct Proxy {
  std::string host;  // without brackets
  int port = 0;
  std::string authorization;  // value of Proxy-Authorization, "" for none
};

// Of a proxy's answer: it says in some lines what it thinks.
constexpr std::size_t kProxyHeadBytes = 16 * 1024;

// One exchange; a member of its owner, who limits its time. The destructor cancels.
class ProxyTunnel {
 public:
  // Once, never inside start(), as the last statement. Errors: invalid_argument for 407 (the
  // proxy's URL lacks the right user: no waiting mends that), unavailable for every other answer and
  // for a connection that ends, protocol for what is no HTTP.
  using Fn = base::Delegate<void(base::Result<base::Fd>)>;
  ProxyTunnel(loop::Loop& loop, Fn fn);
  ~ProxyTunnel() { cancel(); }

  // `fd`: connected to the proxy. `target`: "host:port", IPv6 in brackets.
  void start(base::Fd fd, const Proxy& proxy, const std::string& target);
  void cancel();

 private:
  void on_ready(std::uint32_t events);
  bool write_some();
  void read_some();
  void judge();
  void fail(base::Errc code, std::string what);
  Fn fn_;
  base::Fd fd_;
  std::string out_, in_;
  loop::FdWatch watch_;
};

}  // namespace net
