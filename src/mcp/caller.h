// Who is asking, and the interface that finds it out. mcp/ knows no Kubernetes: the authenticators
// that ask an API server live in tools/.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/delegate.h"
#include "base/time.h"

namespace mcp {

// `identity` may be compared and logged; sessions, subscriptions and watch keys belong to it.
// `bearer`: what the caller's API calls travel with, whole; empty: the server's own credentials.
// Of that token, in the loop's time: `expires`: when it ends by its own words, nullopt: it does not
// say; `checked`: when it was last said to be good.
struct Caller {
  std::string identity;
  std::string bearer;
  std::optional<base::TimePoint> expires = {};
  base::TimePoint checked{};
};

// Why a request is turned away before anything of it is read.
struct Refusal {
  int status = 401;       // 401, 403, 503
  std::string challenge;  // WWW-Authenticate's value; "" : none
  std::string message;    // plain text for people
};

struct Verdict {
  std::optional<Refusal> refusal;  // set: refused
  Caller caller;
};

// What the head of a request says of its sender before anything of its body is read.
enum class Standing : unsigned char {
  verified,    // the token was accepted not long ago, or none is needed
  unverified,  // well-formed, to be asked about: as little as possible is read and held until then
  refused,     // absent, malformed, or refused not long ago: known() says how to answer
};

// A question under way; destroying it cancels.
class PendingVerdict {
 public:
  virtual ~PendingVerdict() = default;
};

// Of the questions about tokens: now, and since the start.
struct AuthStats {
  std::size_t asking = 0, waiting = 0;                       // under way, and not begun yet
  std::size_t accepted_kept = 0, refused_kept = 0;           // remembered
  std::uint64_t accepted = 0, refused = 0, failed = 0, full = 0;  // full: had no room
};

class Authenticator {
 public:
  using Fn = base::Delegate<void(Verdict)>;
  virtual ~Authenticator() = default;
  // `authorization`: the request's header. The answer at once when it is known (no header needed,
  // malformed header, kept verdict); nullopt: ask().
  virtual std::optional<Verdict> known(std::optional<std::string_view> authorization) = 0;
  // The same in a word, for who has the head alone: costs a hash of the token, asks nobody.
  Standing standing(std::optional<std::string_view> authorization) {
    const std::optional<Verdict> verdict = known(authorization);
    if (!verdict) return Standing::unverified;
    return verdict->refusal ? Standing::refused : Standing::verified;
  }
  // Asks afresh, or waits with who has asked about the same token. `fn` once, never inside ask();
  // `peer`: the address that the request came from, "host:port": what
  // one peer asks leaves room for others. "" : the server itself asks, about a token it knows.
  virtual std::unique_ptr<PendingVerdict> ask(std::string_view authorization, std::string_view peer,
                                              Fn fn) = 0;
  // Callers carry tokens that can end: who lives by one for longer than a request is asked about
  // again (recheck.h).
  virtual bool expires() const = 0;
  virtual AuthStats stats() const { return {}; }
};

}  // namespace mcp
