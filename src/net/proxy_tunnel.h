// ProxyTunnel: a connection to a proxy made into one to the server behind it: an HTTP proxy is asked
// by CONNECT (RFC 9110, 9.3.6), a SOCKS5 one as socks5.h says. What is sent holds the target and,
// when the proxy's URL has a user, that; nothing of what is sent through the tunnel later.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/delegate.h"
#include "base/error.h"
#include "base/fd.h"
#include "loop/loop.h"
#include "net/socks5.h"

namespace net {

struct Proxy {
  std::string host;  // without brackets
  int port = 0;
  std::string authorization;  // of an HTTP proxy: value of Proxy-Authorization, "" for none
  bool socks5 = false;
  std::string user, password;  // of a SOCKS5 proxy; at most Socks5::kPartBytes each
};

// Of a proxy's answer: it says in some lines what it thinks.
constexpr std::size_t kProxyHeadBytes = 16 * 1024;

// One exchange; a member of its owner, who limits its time. The destructor cancels.
class ProxyTunnel {
 public:
  // Once, never inside start(), as the last statement. Errors: invalid_argument when the proxy wants
  // another user (HTTP: 407; no waiting mends that), unavailable for every other refusal and for a
  // connection that ends, protocol for what is no HTTP or no SOCKS5.
  using Fn = base::Delegate<void(base::Result<base::Fd>)>;
  ProxyTunnel(loop::Loop& loop, Fn fn);
  ~ProxyTunnel() { cancel(); }

  // `fd`: connected to the proxy. `host`: without brackets; at most Socks5::kPartBytes.
  void start(base::Fd fd, const Proxy& proxy, const std::string& host, int port);
  void cancel();

 private:
  void on_ready(std::uint32_t events);
  bool write_some();
  void read_some();
  bool take(char c);
  bool take_socks();
  bool judge();
  void finish();
  void fail(base::Errc code, std::string what);
  Fn fn_;
  base::Fd fd_;
  std::optional<Socks5> socks_;
  std::string out_, in_;
  loop::FdWatch watch_;
};

}  // namespace net
