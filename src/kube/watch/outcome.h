// Outcome: what the end of an attempt or of a stream means, as one table: for the breaker and the
// backoff, for the cursor, for the time of the next attempt, and whom it concerns. Pure: no clock,
// no state but the Tally argument. Reflector and LogStream act on it and decide nothing themselves.
//
// An attempt lasts from the breaker's permission until the stream is confirmed (a good frame, or
// open for a second) or fails. It is settled once, and only the confirmation is a success.
// Therefore:
//
//   HTTP 200                           proves nothing: errors come inside the stream
//   clean end after the confirmation   costs nothing
//   cut, or ended by our deadline      is a failed connection
//   refusal for one caller or one      never counts against the server
//   collection (401, 403, 404, 400)
//
// (Kubernetes API concepts; k8s.io/client-go, tools/cache.)
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/time.h"
#include "kube/failure.h"

namespace kube::watch {

// When quiet streams keep ending within min(30 s, timeoutSeconds / 10), the cursor is suspect.
constexpr base::Duration kSuspectWithin = base::seconds(30);

struct Observation {
  enum class What : unsigned char {
    ended,        // by its terminator, at a frame's boundary
    cut,          // in any other way; `failure` may give the reason
    deadline,     // ended by our deadline; the server did not end it
    refused,      // `failure`: an answer that is not a stream, or no answer (transport)
    error_frame,  // `failure`: an ERROR frame inside the stream
    undecodable,  // `failure`: the bytes are not a frame
    cancelled,    // by us
    interim,      // 1xx: the request continues
  };
  What what = What::ended;
  const Failure* failure = nullptr;
  bool confirmed = false;       // this stream was confirmed
  bool once_confirmed = false;  // an earlier stream of this watch was confirmed
  bool once_listed = false;     // an earlier list of this watch was complete
  bool events = false;          // the collection has no watch cache
  bool may_suspect = true;      // the last relist because of a suspect cursor is long enough ago
  std::uint64_t frames = 0;     // of this stream
  base::Duration open_for{}, timeout{};  // since the head; timeoutSeconds
};

// A row of the table.
enum class Seen : unsigned char {
  ended,              // after the confirmation; on time, early, or with bookmarks only
  cut,                // after the confirmation; a failed connection
  cut_quiet,          // the same, soon and without a frame
  ended_at_once,      // within the second that would have confirmed it, without a frame
  ended_quiet,        // confirmed, but soon and without a frame
  expired,            // 410 before a confirmation: in the answer or in the first frame
  expired_later,      // 410 in a confirmed stream
  token_expired,      // 401 inside a stream whose request was accepted
  unauthorized,       // 401, and fresh credentials did not help
  forbidden_lately,   // 403 after success: a starting server has not loaded its RBAC yet
  forbidden,          // 403
  not_found,          // 404
  refused_lately,     // the codes of wrong_request, after success
  wrong_request,      // 400, 405, 406, 415, 422, or one that cannot be sent
  throttled,          // 429
  internal_error,     // 500
  server_error,       // 502, 503, 504, 408 and every other status
  version_too_large,  // a cursor from the future
  unreachable,        // refused, no route, cut before an answer, a failing name server
  unknown_host,       // the host name does not exist
  timeout,            // dial, TLS handshake or head
  refused_by_tls,     // the server refused our client certificate
  not_the_protocol,   // not HTTP, JSON or a list; a 3xx or 4xx that is not a Status
  bad_frame,          //
  too_large,          // a frame or an answer over its limit
  silent,             // no byte until our deadline
  deadline,           // our deadline, after frames
  cancelled,          //
  redirected,         // 3xx
  interim,            // 1xx
};
constexpr std::size_t kSeen = static_cast<std::size_t>(Seen::interim) + 1;

struct Outcome {
  // none: settled before, or the attempt continues. neutral: neither a failure nor a success.
  enum class Breaker : unsigned char { none, neutral, failure };
  // next: the key's next delay. own: the stream's own next delay. none: no delay is drawn.
  enum class Backoff : unsigned char { none, next, own };
  enum class Cursor : unsigned char { keep, drop };
  // floor: as soon as the start floor allows. slow: 30 s, 60 s … 300 s. never: stop. A backoff or
  // slow delay is at least the cooldown and Retry-After.
  enum class Delay : unsigned char { floor, backoff, slow, never };
  enum class Scope : unsigned char { none, stream, credential, address };
  // What the owner is notified of.
  enum class Tell : unsigned char { nothing, down, denied };

  Seen seen;
  Breaker breaker;
  Backoff backoff;
  Cursor cursor;
  Delay delay;
  Scope scope;
  Tell tell;
};

// Counts how often in a row each Seen occurred. A member of the stream.
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

// Records the observation in `tally` and returns its meaning.
Outcome judge(const Observation& what, Tally& tally);

const char* to_string(Seen seen);
bool is_quiet(Seen seen);  // the stream ended soon and without a frame

}  // namespace kube::watch
