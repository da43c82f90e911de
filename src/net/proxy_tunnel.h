// ProxyTunnel: turns a connection to a proxy into one to the server behind it: with CONNECT for an
// HTTP proxy (RFC 9110, 9.3.6), with socks5.h for a SOCKS5 proxy. It sends only the target and, if
// the proxy's URL has one, the user; nothing that goes through the tunnel later.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/delegate.h"
#include "base/error.h"
#include "loop/loop.h"
#include "net/socks5.h"
#include "net/stream.h"

namespace net {

class TlsContext;

struct Proxy {
  std::string host;  // without brackets
  int port = 0;
  std::string authorization;  // HTTP proxy: the value of Proxy-Authorization, "" for none
  bool socks5 = false;
  bool https = false;         // HTTP proxy: TLS to it first
  TlsContext* tls = nullptr;  // for that; must outlive the connections. Requires: set when https is
  std::string user, password;  // SOCKS5 proxy: at most Socks5::kPartBytes each
};

// Limit on the proxy's response head.
constexpr std::size_t kProxyHeadBytes = 16 * 1024;

// One exchange; a member of its owner, which limits its time. The destructor cancels.
class ProxyTunnel {
 public:
  // Called once, never inside start(), as the last statement. Errors: invalid_argument when the
  // proxy requires another user (HTTP: 407; a retry cannot help), unavailable for any other refusal
  // and when the connection ends, protocol when the response is not HTTP or SOCKS5.
  using Fn = base::Delegate<void(base::Result<std::unique_ptr<Stream>>)>;
  // `loop` must outlive this.
  ProxyTunnel(loop::Loop& loop, Fn fn);
  ~ProxyTunnel() { cancel(); }

  // `stream` is connected to the proxy. `host` has no brackets and at most Socks5::kPartBytes bytes.
  void start(std::unique_ptr<Stream> stream, const Proxy& proxy, const std::string& host, int port);
  void cancel();

 private:
  void on_ready(bool readable, bool writable);
  bool write_some();
  void read_some();
  bool take(char c);
  bool take_socks();
  bool judge();
  void finish();
  void fail(base::Errc code, std::string what);
  loop::Loop& loop_;
  Fn fn_;
  std::unique_ptr<Stream> stream_;
  std::optional<Socks5> socks_;
  std::string out_, in_;
};

}  // namespace net
