// Dial: from a host name to a connected Stream. It resolves the name, connects over TCP by happy
// eyeballs (RFC 8305: the next address is tried after kNextAddress, or at once on a failure; the
// first to connect wins and the others are closed), and does the TLS handshake when there is a
// TlsContext. One pass over all addresses counts as one failure.
//
//   state        waits for                           limit                          next
//   resolving    addresses of the host or the proxy  kDialTimeout, with connecting  connecting
//   connecting   TCP                                 kConnectTimeout an address     greeting
//   greeting     TLS with the proxy (https://)       kTlsTimeout                    tunnelling
//   tunnelling   the proxy's response                kTunnelTimeout                 handshaking
//   handshaking  TLS                                 kTlsTimeout                    idle
//
// Without a proxy there is no greeting and no tunnelling, without a TlsContext no handshaking. At the end the Dial
// is idle and fn is called. cancel() makes it idle without a call.
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
// Descriptors that a dial leaves free: 64 for connections beyond the limit, which are told so or served
// a health check (http/server.h), 16 for clients and 16 for files; of a small limit on descriptors,
// three eighths at most. An urgent dial, which decides about a caller, leaves fewer: an eighth at most.
constexpr int kSparedDescriptors = 96, kUrgentSpares = 16;
// How many streams exist in this process that a Dial made: the server of incoming connections leaves
// them their descriptors.
std::size_t dialled();
constexpr base::Duration kTunnelTimeout = base::seconds(10);  // for the proxy's response

class Dial {
 public:
  // Called once, never inside start(), as the last statement: the Dial is idle by then and may be
  // started again or freed. The error's text names the phase:
  //   "resolve api.example: no such host"
  //   "connect 10.0.0.1:443: Connection refused; connect [fd00::1]:443: no answer within 10s"
  //   "connect 10.0.0.1:443: too few descriptors are left"
  //   "TLS handshake with api.example (10.0.0.1:443): certificate has expired: …"
  // With several addresses it lists the first kFailuresShown failures. Its code is that of the
  // phase (resolve.h, proxy_tunnel.h, tls_stream.h); for connecting, timeout when every address
  // timed out, else unavailable.
  using Fn = base::Delegate<void(base::Result<std::unique_ptr<Stream>>)>;
  static constexpr int kFailuresShown = 3;

  // `loop` and `resolver` must outlive the Dial.
  Dial(loop::Loop& loop, Resolver& resolver, Fn fn);
  ~Dial();  // cancels
  Dial(const Dial&) = delete;
  Dial& operator=(const Dial&) = delete;

  // `tls` may be nullptr (no TLS); otherwise it must outlive the stream. With a `proxy` (copied),
  // connects to it and asks it for a tunnel to host:port; errors then begin with "proxy NAME
  // (10.0.0.9:3128): ". Requires: not active.
  void start(const std::string& host, int port, TlsContext* tls, const Proxy* proxy = nullptr);
  // See kUrgentSpares. Requires: not active.
  void set_urgent(bool urgent);
  // Only public addresses (address_reach.h) are dialled; a host without one fails with
  // Errc::forbidden. Behind a proxy, which resolves the host itself, nothing is checked. Requires:
  // not active.
  void set_public_only(bool public_only);
  void cancel();
  bool active() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace net
