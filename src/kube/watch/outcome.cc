#include "kube/watch/outcome.h"

#include <algorithm>
#include <limits>

#include "base/check.h"

namespace kube::watch {
namespace {

using Breaker = Outcome::Breaker;
using Backoff = Outcome::Backoff;
using Cursor = Outcome::Cursor;
using Delay = Outcome::Delay;
using Scope = Outcome::Scope;
using Tell = Outcome::Tell;

// The events that end a row of equal outcomes.
constexpr unsigned kConfirmation = 1, kFrame = 2, kCursor = 4;

struct Verdict {
  Breaker breaker;
  Backoff backoff;
  Cursor cursor;
  Delay delay;
  Tell tell;
};

// The members are in the order of the table's columns.
struct Rule {  // NOLINT(clang-analyzer-optin.performance.Padding)
  Seen seen;
  const char* name;
  Scope scope;
  Verdict first;
  int again_at;  // from this many in a row on: `again`; 0: never
  Verdict again;
  unsigned forgotten_by;
};

constexpr Verdict kSettled{Breaker::none, Backoff::none, Cursor::keep, Delay::floor, Tell::nothing};
constexpr Verdict kRelist{Breaker::none, Backoff::none, Cursor::drop, Delay::floor, Tell::nothing};
constexpr Verdict kFailed{Breaker::failure, Backoff::next, Cursor::keep, Delay::backoff,
                          Tell::down};
constexpr Verdict kFailedRelist{Breaker::failure, Backoff::next, Cursor::drop, Delay::backoff,
                                Tell::down};
// For a confirmed stream: it becomes an outage only if the next attempt fails, too.
constexpr Verdict kBroke{Breaker::failure, Backoff::next, Cursor::keep, Delay::backoff,
                         Tell::nothing};
constexpr Verdict kBrokeRelist{Breaker::failure, Backoff::next, Cursor::drop, Delay::backoff,
                               Tell::nothing};
constexpr Verdict kFailedSlow{Breaker::failure, Backoff::next, Cursor::keep, Delay::slow,
                              Tell::down};
constexpr Verdict kDenied{Breaker::neutral, Backoff::own, Cursor::keep, Delay::backoff,
                          Tell::denied};
constexpr Verdict kDeniedSoon{Breaker::neutral, Backoff::own, Cursor::keep, Delay::backoff,
                              Tell::down};
constexpr Verdict kDeniedSlow{Breaker::neutral, Backoff::own, Cursor::keep, Delay::slow,
                              Tell::denied};
constexpr Verdict kMissing{Breaker::neutral, Backoff::own, Cursor::drop, Delay::slow, Tell::denied};
constexpr Verdict kStop{Breaker::neutral, Backoff::none, Cursor::keep, Delay::never, Tell::denied};
constexpr Verdict kCancelled{Breaker::neutral, Backoff::none, Cursor::keep, Delay::never,
                             Tell::nothing};
constexpr Verdict kGoesOn = kSettled;

// In the order of Seen.
constexpr Rule kRules[] = {
    {Seen::ended, "ended", Scope::none, kSettled, 0, {}, 0},
    {Seen::cut, "cut", Scope::address, kBroke, 0, {}, 0},
    // The same, soon and without a frame. Three times on one cursor: the cursor may break the
    // server.
    {Seen::cut_quiet, "cut", Scope::address, kBroke, 3, kBrokeRelist, kFrame | kCursor},
    // Some control planes answer a stale cursor with 200, an empty body and a clean end, without a
    // 410.
    {Seen::ended_at_once, "ended-at-once", Scope::stream, kFailed, 2, kFailedRelist,
     kConfirmation | kCursor},
    {Seen::ended_quiet, "ended-quiet", Scope::stream, kSettled, 3, kRelist, kFrame | kCursor},
    // A healthy server's normal answer; a second one means that relisting does not help.
    {Seen::expired, "expired", Scope::stream, kRelist, 2, kFailedRelist, kConfirmation},
    {Seen::expired_later, "expired", Scope::stream, kRelist, 0, {}, kConfirmation},
    {Seen::token_expired, "unauthorized", Scope::credential, kSettled, 2, kDenied, kConfirmation},
    {Seen::unauthorized, "unauthorized", Scope::credential, kDenied, 0, {}, 0},
    {Seen::forbidden_lately, "forbidden", Scope::credential, kDeniedSoon, 4, kDeniedSlow,
     kConfirmation},
    {Seen::forbidden, "forbidden", Scope::credential, kDeniedSlow, 0, {}, 0},
    {Seen::not_found, "not-found", Scope::stream, kMissing, 0, {}, 0},
    // An API server of another version behind the load balancer, or a cursor that it cannot parse.
    {Seen::refused_lately, "invalid", Scope::stream, kDeniedSoon, 3, kMissing, kConfirmation},
    {Seen::wrong_request, "invalid", Scope::none, kStop, 0, {}, 0},
    {Seen::throttled, "throttled", Scope::address, kFailed, 0, {}, 0},
    // Three times on one cursor: the cursor may break the server.
    {Seen::internal_error, "server-error", Scope::address, kFailed, 3, kFailedRelist,
     kFrame | kCursor},
    {Seen::server_error, "server-error", Scope::address, kFailed, 0, {}, 0},
    {Seen::version_too_large, "version-too-large", Scope::stream, kRelist, 2, kFailedRelist,
     kConfirmation},
    {Seen::unreachable, "unreachable", Scope::address, kFailed, 0, {}, 0},
    {Seen::unknown_host, "unknown-host", Scope::address, kFailed, 0, {}, 0},
    {Seen::timeout, "timeout", Scope::address, kFailed, 0, {}, 0},
    {Seen::refused_by_tls, "client-certificate", Scope::credential, kFailed, 0, {}, 0},
    {Seen::not_the_protocol, "protocol", Scope::address, kFailed, 0, {}, 0},
    {Seen::bad_frame, "protocol", Scope::stream, kFailed, 3, kFailedRelist, kFrame | kCursor},
    {Seen::too_large, "too-large", Scope::stream, kFailedSlow, 0, {}, 0},
    {Seen::silent, "silent", Scope::address, kFailed, 0, {}, 0},
    {Seen::deadline, "deadline", Scope::address, kBroke, 0, {}, 0},
    {Seen::cancelled, "cancelled", Scope::none, kCancelled, 0, {}, 0},
    {Seen::redirected, "redirected", Scope::stream, kFailedSlow, 0, {}, 0},
    {Seen::interim, "interim", Scope::none, kGoesOn, 0, {}, 0},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kSeen; ++i) {
    if (kRules[i].seen != static_cast<Seen>(i)) return false;
  }
  return std::size(kRules) == kSeen;
}
static_assert(in_order());

const Rule& rule_of(Seen seen) {
  return kRules[static_cast<std::size_t>(seen)];
}

// There was no answer, or the bytes before a head were not HTTP.
Seen of_transport(base::Errc code) {
  switch (code) {
    case base::Errc::not_found:
      return Seen::unknown_host;
    case base::Errc::timeout:
      return Seen::timeout;
    case base::Errc::unauthorized:
      return Seen::refused_by_tls;
    case base::Errc::protocol:
      return Seen::not_the_protocol;
    case base::Errc::too_large:
      return Seen::too_large;
    case base::Errc::invalid_argument:
      return Seen::wrong_request;
    default:
      return Seen::unreachable;
  }
}

Seen of_failure(const Failure& failure, const Observation& what) {
  const bool in_stream = what.what == Observation::What::error_frame;
  if (failure.expired()) return what.confirmed ? Seen::expired_later : Seen::expired;
  if (failure.cause == "ResourceVersionTooLarge") return Seen::version_too_large;
  if (failure.transport()) return of_transport(failure.code);
  if (failure.status < 300) return of_transport(failure.code);
  // Only a Status is the API server's decision. Servers send 429 and 5xx as plain text, too.
  if (failure.foreign && failure.status < 500 && failure.status != 429 && failure.status != 408)
    return Seen::not_the_protocol;
  if (failure.status < 400) return Seen::redirected;
  switch (failure.status) {
    case 401:
      return in_stream ? Seen::token_expired : Seen::unauthorized;
    case 403:
      return what.once_confirmed ? Seen::forbidden_lately : Seen::forbidden;
    case 404:
      return Seen::not_found;
    case 400:
    case 405:
    case 406:
    case 415:
    case 422:
      return what.once_confirmed || what.once_listed ? Seen::refused_lately : Seen::wrong_request;
    case 429:
      return Seen::throttled;
    case 500:
      return Seen::internal_error;
    default:
      return Seen::server_error;
  }
}

Seen of_end(const Observation& what) {
  if (!what.confirmed) return Seen::ended_at_once;
  const bool quiet = what.frames == 0 &&
                     what.open_for < std::min<base::Duration>(kSuspectWithin, what.timeout / 10);
  if (what.what == Observation::What::cut) return quiet ? Seen::cut_quiet : Seen::cut;
  return quiet ? Seen::ended_quiet : Seen::ended;
}

Seen classify(const Observation& what) {
  switch (what.what) {
    case Observation::What::ended:
    case Observation::What::cut:
      return of_end(what);
    case Observation::What::deadline:
      return what.frames > 0 ? Seen::deadline : Seen::silent;
    case Observation::What::refused:
    case Observation::What::error_frame:
      CHECK(what.failure);
      return of_failure(*what.failure, what);
    case Observation::What::undecodable:
      CHECK(what.failure);
      return what.failure->code == base::Errc::too_large ? Seen::too_large : Seen::bad_frame;
    case Observation::What::cancelled:
      return Seen::cancelled;
    case Observation::What::interim:
      break;
  }
  return Seen::interim;
}

}  // namespace

void Tally::confirmed() {
  forget(kConfirmation);
}
void Tally::good_frame() {
  forget(kFrame);
}
void Tally::new_cursor() {
  forget(kCursor);
}

void Tally::forget(unsigned on) {
  for (const Rule& rule : kRules) {
    if (rule.forgotten_by & on) counts_[static_cast<std::size_t>(rule.seen)] = 0;
  }
}

bool is_quiet(Seen seen) {
  return seen == Seen::ended_quiet || seen == Seen::cut_quiet;
}

Outcome judge(const Observation& what, Tally& tally) {
  const Seen seen = classify(what);
  const Rule& rule = rule_of(seen);
  std::uint8_t& count = tally.counts_[static_cast<std::size_t>(seen)];
  if (count < std::numeric_limits<std::uint8_t>::max()) ++count;
  int in_a_row = count;
  // A longer stream in between ends the row.
  if (seen == Seen::ended || seen == Seen::cut || seen == Seen::deadline) {
    tally.counts_[static_cast<std::size_t>(Seen::ended_quiet)] = 0;
    tally.counts_[static_cast<std::size_t>(Seen::cut_quiet)] = 0;
  }
  // The relist that follows must lead to a confirmed stream, or the next 410 counts.
  if (seen == Seen::expired_later) tally.counts_[static_cast<std::size_t>(Seen::expired)] = 1;
  // For events (no watch cache) the first one is enough.
  if (seen == Seen::ended_at_once && what.events) in_a_row = std::max(in_a_row, rule.again_at);
  bool again = rule.again_at > 0 && in_a_row >= rule.again_at;
  if (is_quiet(seen) && !what.may_suspect) again = false;
  const Verdict& v = again ? rule.again : rule.first;
  return {seen, v.breaker, v.backoff, v.cursor, v.delay, rule.scope, v.tell};
}

const char* to_string(Seen seen) {
  return rule_of(seen).name;
}

}  // namespace kube::watch
