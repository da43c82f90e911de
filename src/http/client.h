// The HTTP/1.1 client: a pool of keep-alive connections to one endpoint (address, TLS
// configuration), and calls on it. No throttle of its own. A running stream (watch, log) has its
// connection for itself; others share up to kIdlePerPool idle ones.
//
// A call's life: start → (idle connection | dial) → request written → head → body … → on_end, once.
// Never inside start(), pause() or cancel().
//
// Retried once by itself, on a fresh connection and unseen by the caller: a reused connection that
// failed before any response byte, when the request is idempotent or none of it was written
// (as net/http does). After a network error, and after a response head that did not come in
// time, all idle connections of the pool close.
//
// 1xx are skipped; redirects are not followed; Content-Encoding and Transfer-Encoding other than
// identity and chunked are an error (we ask for none). A connection is used again only after a
// response that was whole by its own framing, allowed it, and left no bytes behind.
//
// Errors:
//   Errc::timeout           a limit of the call; the text names phase and limit ("no response head
//                           within 30s")
//   Errc::unavailable       the connection ended or broke too early
//   Errc::unauthorized      TLS said so (client certificate refused)
//   Errc::protocol          malformed response, or one with an encoding
//   Errc::too_large         a head over kClientHeadBytes or kClientHeaderCount
//   Errc::invalid_argument  a request that must not be sent
//   with Phase::dial        what Dial says, in its words
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
// Below every usual server's and balancer's idle limit (kube-apiserver 90 s, HAProxy 50 s).
constexpr base::Duration kClientIdleTime = base::seconds(45);
// kube-apiserver sends about ten; a proxy before it and many Warning headers must fit.
constexpr std::size_t kClientHeaderCount = 256;
// Read from one connection before the others get their turn.
constexpr std::size_t kReadPerTurn = 256 * 1024;

struct ClientRequest {
  std::string method = "GET";
  std::string target;  // path and query, encoded
  // Host, Content-Length and "Accept-Encoding: identity" are added; these, Transfer-Encoding and
  // Connection are not the caller's to give. Such a request fails: a method or name that is no
  // token; CR, LF or NUL in a value; a target that does not begin with '/' or holds a blank, a
  // control character, '#' or a byte over 0x7e.
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  // From start to the response's head, dialling included; and from start to the end, kForever for
  // streams. Neither runs while the call is paused.
  base::Duration head_time = base::seconds(30);
  base::Duration total_time = base::seconds(60);
  // May it be sent a second time when nobody knows whether the first arrived? Unset: by the method,
  // all but POST and PATCH.
  std::optional<bool> idempotent = std::nullopt;
  bool urgent = false;  // may dial with the last descriptors (net/dial.h)
};

// How a call ended. `error` empty: whole, by its framing (terminating chunk, length reached, or
// close-delimited with a proper close).
struct CallEnd {
  enum class Phase : unsigned char { dial, send, head, body };
  std::optional<base::Error> error;
  Phase phase = Phase::body;  // where it failed
  bool ok() const { return !error; }
};

class CallHandler {
 public:
  virtual ~CallHandler() = default;
  // In each of them the call may be paused, cancelled or freed.
  virtual void on_head(const http::ResponseHead& head) = 0;
  virtual void on_body(std::string_view bytes) = 0;  // never empty; never after a HEAD, 204 or 304
  // Once, as the last statement; the call may be started again from here or freed with retire().
  virtual void on_end(const CallEnd& end) = 0;
};

class ClientPool;
class DialGate;

// One call at a time; a member of its owner. cancel() or its destructor closes the connection of a
// call under way, silently.
class ClientCall {
 public:
  ClientCall(ClientPool& pool, CallHandler& handler);
  ~ClientCall();
  ClientCall(const ClientCall&) = delete;
  ClientCall& operator=(const ClientCall&) = delete;

  // Requires: !active().
  void start(ClientRequest request);
  void cancel();
  bool active() const;
  // Back-pressure: while paused no on_head, on_body or on_end for a response comes, the socket is
  // not read, and both time limits stand still; at most one read (64 KiB) is kept. A request still
  // being sent goes on. Any time during the call; resuming delivers later.
  void pause(bool paused);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

struct PoolStats {
  std::size_t idle = 0;       // connections kept
  std::size_t active = 0;     // calls started and not ended
  std::uint64_t dialled = 0;  // dials begun, since the pool's start
  std::uint64_t retried = 0;  // calls sent again on a fresh connection
};

class ClientPool {
 public:
  // `host_header`: what goes into Host (host[:port], brackets for IPv6). `tls` nullptr: plain.
  // `loop`, `resolver`, `tls` outlive it; its calls die before it.
  ClientPool(loop::Loop& loop, net::Resolver& resolver, std::string host, int port,
             std::string host_header, net::TlsContext* tls);
  ~ClientPool();

  // New connections use `tls` from now on; idle ones close, busy ones after their call (rotated CA
  // or client certificate). The old context must live as long as the calls under way and the turn
  // in which the last of them ends.
  void replace_tls(net::TlsContext* tls);
  // Waiting for its turn counts as dialling. `gate` outlives the pool. Requires: before the first
  // call.
  void set_gate(DialGate* gate);
  // New connections go through it. Requires: before the first call.
  void set_proxy(net::Proxy proxy);
  void close_idle();
  PoolStats stats() const;

 private:
  friend class ClientCall;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace http
