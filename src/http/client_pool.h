// ClientPool: keep-alive connections to one endpoint (address, TLS configuration). Calls
// (client_call.h) share up to kIdlePerPool idle ones; a running stream has one of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/delegate.h"
#include "base/error.h"
#include "http/client_conn.h"
#include "http/dial_gate.h"
#include "loop/loop.h"
#include "net/dial.h"
#include "net/resolve.h"
#include "net/tls.h"

namespace http {

// As many as calls of several agents run at once: one more would be closed after its call, and the
// next call pays a handshake of TLS, which costs more than the call. Each has some 25 KiB.
constexpr std::size_t kIdlePerPool = 64;
// Below the idle limits of common servers and balancers (kube-apiserver 90 s, HAProxy 50 s).
constexpr base::Duration kClientIdleTime = base::seconds(45);

struct PoolStats {
  std::size_t idle = 0;       // connections kept
  std::size_t active = 0;     // calls started and not ended
  std::uint64_t dialled = 0;  // dials started, since the pool's creation
  std::uint64_t retried = 0;  // calls sent again on a fresh connection
};

class ClientPool {
 public:
  // `host_header`: the value of Host (host[:port], brackets for IPv6). `tls` may be nullptr: no
  // TLS. `loop`, `resolver` and `tls` must outlive the pool, and the pool its calls.
  ClientPool(loop::Loop& loop, net::Resolver& resolver, std::string host, int port,
             std::string host_header, net::TlsContext* tls);
  ~ClientPool();
  ClientPool(const ClientPool&) = delete;
  ClientPool& operator=(const ClientPool&) = delete;

  // New connections use `tls` from now on; idle ones close now, busy ones after their call (rotated
  // CA or client certificate). The old context must outlive the calls under way and the turn in
  // which the last of them ends.
  void replace_tls(net::TlsContext* tls);
  // Limits concurrent dials; waiting at the gate counts as dialling. `gate` must outlive the pool.
  // Requires: before the first call.
  void set_gate(DialGate* gate) { gate_ = gate; }
  // New connections go through `proxy`. Requires: before the first call.
  void set_proxy(net::Proxy proxy) { proxy_ = std::move(proxy); }
  // See net::Dial::set_public_only(). Requires: before the first call.
  void set_public_only(bool public_only) { public_only_ = public_only; }
  // New connections come from `fn` instead of a dial (a Unix socket, one end of a pair), without TLS
  // and proxy. Requires: before the first call.
  using ConnectFn = base::Delegate<base::Result<std::unique_ptr<net::Stream>>()>;
  void set_connect(ConnectFn fn) { connect_ = fn; }
  void close_idle();
  PoolStats stats() const;
  // The address that answered last, "10.0.0.1:443" (a proxy's, if there is one); "": none did.
  const std::string& last_peer() const { return last_peer_; }

  // ---- for its calls

  loop::Loop& loop() const { return loop_; }
  const std::string& host_header() const { return host_header_; }
  // Takes the idle connection used last, if one still lives; else returns nullptr.
  std::unique_ptr<ClientConn> take();
  // Parks `conn`; with kIdlePerPool idle ones, it replaces the one that was idle longest.
  void park(std::unique_ptr<ClientConn> conn);
  // Closes `conn` and frees it at the end of the turn.
  void drop(std::unique_ptr<ClientConn> conn);
  // False: the dial must wait at the gate, which calls back.
  bool may_dial(DialGate::Place& place) { return !gate_ || place.enter(*gate_); }
  std::unique_ptr<net::Dial> dial(net::Dial::Fn fn, bool urgent);
  // set_connect(), if it was called: use it instead of dial().
  const ConnectFn& connect() const { return connect_; }
  // The generation of the TLS context; a connection of another one is not parked.
  unsigned generation() const { return generation_; }
  void count_begin() { ++stats_.active; }
  void count_end() { --stats_.active; }
  void count_retry() { ++stats_.retried; }
  void note_peer(std::string peer) { last_peer_ = std::move(peer); }

 private:
  void on_conn_ended(ClientConn& ended);
  void on_idle_time();

  loop::Loop& loop_;
  net::Resolver& resolver_;
  const std::string host_;
  const int port_;
  const std::string host_header_;
  net::TlsContext* tls_;
  std::optional<net::Proxy> proxy_;
  bool public_only_ = false;
  ConnectFn connect_;
  std::string last_peer_;
  DialGate* gate_ = nullptr;
  unsigned generation_ = 0;
  std::vector<std::unique_ptr<ClientConn>> idle_;  // in order of parking, at most kIdlePerPool
  PoolStats stats_;
  loop::Timer idle_timer_;
};

}  // namespace http
