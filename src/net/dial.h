// Dial: from a host name to a connected Stream: resolve, then TCP by happy eyeballs (RFC 8305: next address after kNextAddress or at once
// on a failure, first to connect wins, losers are closed), then the TLS handshake when there is a TlsContext.
// One pass over all addresses is one failure. Limits: kConnectTimeout per address, kDialTimeout for resolving and connecting in all,
// kTlsTimeout for the handshake.
//
//   idle → resolving → connecting → [tunnelling] → [handshaking] → idle, and fn is called        cancel(): idle, and nobody is
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/delegate.h"
#include "base/error.h"
#include "loop/loop.h"
#include "net/proxy_tunnel.h"
#include "net/resolve.h"
#include "net/stream.h"
#include "net/tls.h"

namespace net {

constexpr base::Duration kNextAddress = base::milliseconds(250);
constexpr base::Duration kConnectTimeout = base::seconds(10);
constexpr base::Duration kDialTimeout = base::seconds(30);
constexpr base::Duration kTlsTimeout = base::seconds(10);
// Descriptors that a dial leaves: for those who come (clients, a health probe) and for files. An urgent one, which decides about a caller,
// may use some of them.
constexpr int kSparedDescriptors = 32, kUrgentSpares = 16;
constexpr base::Duration kTunnelTimeout = base::seconds(10);  // for a proxy's answer

class Dial {
 public:
  // Once, never inside start(); as the last statement; the Dial is idle by then and may be started again or freed. The error says the phase:
  //   "resolve api.example: no such host"
  //   "connect 10.0.0.1:443: Connection refused; connect [fd00::1]:443: no answer within 10s"   (the first kFailuresShown addresses)
  //   "connect 10.0.0.1:443: too few descriptors are left"
  //   "TLS handshake with api.example (10.0.0.1:443): certificate has expired: …"
  // Its code is that of the phase; for connecting: timeout when every address timed out, else unavailable. TLS: see tls_stream.h.
  using Fn = base::Delegate<void(base::Result<std::unique_ptr<Stream>>)>;
  static constexpr int kFailuresShown = 3;

  // `loop` and `resolver` outlive it.
  Dial(loop::Loop& loop, Resolver& resolver, Fn fn);
  ~Dial();  // cancels
  Dial(const Dial&) = delete;
  Dial& operator=(const Dial&) = delete;

  // `tls` may be nullptr (plain) and otherwise outlives the stream. With a `proxy` (copied) that is dialled, and asked for a tunnel to
  // host:port; its errors read "proxy NAME (10.0.0.9:3128): …", codes as in proxy_tunnel.h. Requires: not active.
  void start(const std::string& host, int port, TlsContext* tls, const Proxy* proxy = nullptr);
  // Requires: not active.
  void set_urgent(bool urgent);
  void cancel();
  bool active() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace net
