// ClientCall: one call of the HTTP/1.1 client on a pool of connections to one endpoint
// (client_pool.h). It does not throttle. A running stream (watch, log) has a connection of its own.
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
#include "base/time.h"
#include "http/message.h"

namespace http {

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

}  // namespace http
