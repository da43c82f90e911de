// The HTTP/1.1 client: a pool of keep-alive connections to one endpoint (address, TLS
// configuration), and calls on it. It does not throttle. A running stream (watch, log) has a
// connection of its own; other calls share up to kIdlePerPool idle ones.
//
// A call: start → (idle connection | dial) → request written → head → body … → on_end, once. The
// handler is never called inside start(), pause() or cancel().
//
// A call is retried once, on a fresh connection and invisibly to the caller, when a reused
// connection failed before any byte of the response and the request is idempotent or none of it was
// written (as net/http does). After a failed dial, a network error, or a time limit before the
// response head, the pool closes all its idle connections.
//
// 1xx responses are skipped; redirects are not followed; a Content-Encoding other than identity or
// a Transfer-Encoding other than chunked is an error (none is asked for). A connection is reused
// only after a response that was complete by its own framing, allowed reuse, and left no bytes
// behind.
//
// Errors:
//   Errc::timeout           a limit of the call; the text names phase and limit ("no response head
//                           within 30s")
//   Errc::unavailable       the connection ended or broke too early
//   Errc::unauthorized      the TLS peer refused the client certificate
//   Errc::protocol          malformed response, or one with an encoding
//   Errc::too_large         a head over kClientHeadBytes or kClientHeaderCount
//   Errc::invalid_argument  a request that must not be sent
//   with Phase::dial        net::Dial's error, unchanged
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/limits.h"
#include "base/link.h"
#include "http/message.h"
#include "loop/loop.h"
#include "net/dial.h"
#include "net/resolve.h"
#include "net/tls.h"

namespace http {

constexpr std::size_t kIdlePerPool = 8;
// Below the idle limits of common servers and balancers (kube-apiserver 90 s, HAProxy 50 s).
constexpr base::Duration kClientIdleTime = base::seconds(45);
// kube-apiserver sends about ten; a proxy's own and many Warning headers must fit as well.
constexpr std::size_t kClientHeaderCount = 256;
// Bytes read from one connection before the others get their turn.
constexpr std::size_t kReadPerTurn = 256 * 1024;

struct ClientRequest {
  std::string method = "GET";
  std::string target;  // path and query, encoded
  // The client adds Host, Content-Length and "Accept-Encoding: identity"; the caller must set none
  // of these, Transfer-Encoding or Connection. A request fails with one of these headers; with a
  // method or header name that is not a token; with CR, LF or NUL in a value; with a target that
  // does not begin with '/' or contains a blank, a control character, '#' or a byte over 0x7e.
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  // head_time: from start to the response's head, dialling included. total_time: from start to the
  // end, kForever for streams. Neither runs while the call is paused.
  base::Duration head_time = base::seconds(30);
  base::Duration total_time = base::seconds(60);
  // Whether it may be sent again when it is unknown whether the first one arrived. Unset: true for
  // every method but POST and PATCH.
  std::optional<bool> idempotent = std::nullopt;
  bool urgent = false;  // may dial with the last free descriptors (net/dial.h)
};

// How a call ended. Without an error the response is complete by its framing (terminating chunk,
// length reached, or close-delimited with a proper close).
struct CallEnd {
  enum class Phase : unsigned char { dial, send, head, body };
  std::optional<base::Error> error;
  Phase phase = Phase::body;  // where it failed
  bool ok() const { return !error; }
};

class CallHandler {
 public:
  virtual ~CallHandler() = default;
  // Each of these may pause, cancel or free the call.
  virtual void on_head(const http::ResponseHead& head) = 0;
  virtual void on_body(std::string_view bytes) = 0;  // never empty; never after a HEAD, 204 or 304
  // Called once, as the last statement; may start the call again or free it with retire().
  virtual void on_end(const CallEnd& end) = 0;
};

class ClientPool;
class DialGate;

// One call at a time; a member of its owner. cancel() and the destructor silently close the
// connection of a call under way.
class ClientCall {
 public:
  // `pool` and `handler` must outlive the call.
  ClientCall(ClientPool& pool, CallHandler& handler);
  ~ClientCall();
  ClientCall(const ClientCall&) = delete;
  ClientCall& operator=(const ClientCall&) = delete;

  // Requires: !active().
  void start(ClientRequest request);
  void cancel();
  bool active() const;
  // Back-pressure. While the call is paused, no on_head, on_body or on_end for a response is
  // called, the socket is not read, and both time limits stand still; at most one read (64 KiB) is
  // held. A request still being sent continues. May be called at any time during the call; resuming
  // delivers later.
  void pause(bool paused);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

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

  // New connections use `tls` from now on; idle ones close now, busy ones after their call (rotated
  // CA or client certificate). The old context must outlive the calls under way and the turn in
  // which the last of them ends.
  void replace_tls(net::TlsContext* tls);
  // Limits concurrent dials; waiting at the gate counts as dialling. `gate` must outlive the pool.
  // Requires: before the first call.
  void set_gate(DialGate* gate);
  // New connections go through `proxy`. Requires: before the first call.
  void set_proxy(net::Proxy proxy);
  void close_idle();
  PoolStats stats() const;

 private:
  friend class ClientCall;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace http
