// Outcome: what the end of an attempt or of a stream means, as one table: for the breaker and the
// backoff, for the cursor, for the time of the next attempt, and whose business it is. Pure: no
// clock, no state but the Tally that is handed in. Reflector and LogStream act by it and decide
// nothing themselves.
//
// An attempt lasts from the breaker's permission until the stream is confirmed (a good frame, or
// open for a second) or fails; it is settled once: success is the confirmation and nothing else. So
// HTTP 200 proves nothing (errors come inside the stream), a clean end after the confirmation costs
// nothing, a stream that is cut or has to be ended by us is a connection that failed, and what the server refuses to one caller or of one collection (401, 403, 404, 400) never
// counts against the server (Kubernetes API concepts; k8s.io/client-go, tools/cache).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/time.h"
#include "kube/failure.h"

namespace kube {

// A quiet stream that keeps ending within min(30 s, timeoutSeconds / 10): the cursor is suspect.
constexpr base::Duration kSuspectWithin = base::seconds(30);

struct Observation {
  enum class What : unsigned char {
    ended,        // by its terminator, on a frame's boundary
    cut,          // in any other way; `failure` may say how
    deadline,     // ours: the server did not end it
    refused,      // `failure`: an answer that is no stream, or none (transport)
    error_frame,  // `failure`: told inside the stream
    undecodable,  // `failure`: what came is no frame
    cancelled,    // by us
    interim,      // 1xx: goes on
  };
  What what = What::ended;
  const Failure* failure = nullptr;
  bool confirmed = false;       // the stream, by then
  bool once_confirmed = false;  // any stream of this watch, before
  bool once_listed = false;     // a whole list of this watch, before
  bool events = false;          // the collection has no watch cache
  bool may_suspect = true;      // no relist because of a suspect cursor for some time
  std::uint64_t frames = 0;     // of this stream
  base::Duration open_for{}, timeout{};  // since the head; timeoutSeconds
};

// A row of the table.
enum class Seen : unsigned char {
  ended,               // confirmed before; on time, early, or with nothing but bookmarks
  cut,                 // confirmed before; a connection that failed
  cut_quiet,           // the same, soon, without a frame
  ended_at_once,       // within the second that would have confirmed it, without a frame
  ended_quiet,         // confirmed, soon, without a frame
  expired,             // 410 before a confirmation: of the answer or of the first frame
  expired_later,       // 410 in a confirmed stream
  token_expired,       // 401 inside a stream: the request itself was let in
  unauthorized,        // 401, and fresh credentials did not help
  forbidden_lately,    // 403 of what worked before: a starting server has not read its RBAC yet
  forbidden,           // 403
  not_found,           // 404
  refused_lately,      // the same codes as below, of what worked before
  wrong_request,       // 400, 405, 406, 415, 422, or one that cannot be sent
  throttled,           // 429
  internal_error,      // 500
  server_error,        // 502, 503, 504, 408 and every other status
  version_too_large,   // a cursor from the future
  unreachable,         // refused, no route, cut before an answer, a name server that fails
  unknown_host,        // the name does not exist
  timeout,             // dial, TLS handshake or head
  refused_by_tls,      // our client certificate
  not_the_protocol,    // no HTTP, no JSON, no list; an answer of 3xx or 4xx that is no Status
  bad_frame,           //
  too_large,           // a frame or an answer over its limit
  silent,              // nothing at all until our deadline
  deadline,            // our deadline, after frames
  cancelled,           //
  redirected,          // 3xx
  interim,             // 1xx
};
constexpr std::size_t kSeen = static_cast<std::size_t>(Seen::interim) + 1;

struct Outcome {
  // none: settled before, or the attempt goes on. neutral: it neither failed nor succeeded.
  enum class Breaker : unsigned char { none, neutral, failure };
  // next: the key's. own: the stream's alone. none: no delay is drawn.
  enum class Backoff : unsigned char { none, next, own };
  enum class Cursor : unsigned char { keep, drop };
  // floor: as soon as the start floor allows. slow: 30 s, 60 s … 300 s. never: stop.
  // A delay of the backoff or a slow one is at least the cooldown and Retry-After.
  enum class Delay : unsigned char { floor, backoff, slow, never };
  enum class Scope : unsigned char { none, stream, credential, address };
  // What the owner hears.
  enum class Tell : unsigned char { nothing, down, denied };

  Seen seen;
  Breaker breaker;
  Backoff backoff;
  Cursor cursor;
  Delay delay;
  Scope scope;
  Tell tell;
};

// How often in a row each row was seen. A member of the stream.
class Tally {
 public:
  void confirmed();
  void good_frame();
  void new_cursor();

 private:
  friend Outcome judge(const Observation& what, Tally& tally);
  void forget(unsigned on);
  std::array<std::uint8_t, kSeen> counts_{};
};

// Notes it in `tally` and says what it means.
Outcome judge(const Observation& what, Tally& tally);

const char* to_string(Seen seen);
bool is_quiet(Seen seen);  // a stream that went soon and brought nothing

}  // namespace kube
