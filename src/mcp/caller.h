// Caller: the identity behind a request; Authenticator: the interface that establishes it. mcp/
// does not depend on Kubernetes: the authenticators that ask an API server are in auth/.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/delegate.h"
#include "base/payload.h"
#include "base/time.h"
#include "mcp/scope.h"
#include "net/peer_identity.h"

namespace mcp {

class Authenticator;

// identity   may be compared and logged; sessions, subscriptions and watch keys belong to it
// bearer     the token that the caller sent; "": none was needed. Without acts_as its API calls are
//            made with it, or with the server's own credentials
// expires    when the token expires by its own claim, in the loop's time; nullopt: it has no claim
// checked    when the token was last accepted, in the loop's time
// tool       the tool that it calls, for the duration of a tools/call (a task included); else ""
// client     "NAME VERSION" of its program, as it states them: for logs, never for a decision
// distinct   the identity is that of one caller among several, although it has no bearer (a user of a
//            unix socket, a client certificate)
// by         who accepted it; nullptr: the endpoint's own authenticator
// acts_as    the user as which the server makes the caller's API calls, in the words of the cluster
//            (kube/config/credentials.h), opaque here; `bearer` is not sent then
// client_id  the OAuth client and the id of the token, for the audit log; "": unknown. Not part of
// token_id   the identity
// scope      what the token allows
struct Caller {
  std::string identity;
  std::string bearer;
  std::optional<base::TimePoint> expires = {};
  base::TimePoint checked{};
  std::string tool = {};
  std::string client = {};
  bool distinct = false;
  Authenticator* by = nullptr;
  base::Payload acts_as = {};
  std::string client_id = {}, token_id = {};
  Scope scope = Scope::write;
};

// The name under which a caller's share of a budget is counted.
inline std::string owner_of(const Caller& caller) {
  return "caller " + caller.identity;
}

// The owner of what is counted (sessions, streams, calls, messages that wait). "": callers are not
// told apart, and all clients are one caller, which may have all.
inline std::string counted_owner(const Caller& caller) {
  return caller.bearer.empty() && !caller.distinct ? std::string() : owner_of(caller);
}

// How long a client should wait after a refusal for a limit or for shutdown, unless more is known:
// most of what is full then has an end of its own within seconds.
constexpr base::Duration kTryAgain = base::seconds(5);

// The HTTP answer to a request that is refused before its body is read.
struct Refusal {
  int status = 401;       // 401, 403, 429, 503
  std::string challenge;  // WWW-Authenticate's value; "": none
  std::string message;    // plain text for people
  // 429 and 503: when to try again, where it is known (sent in whole seconds, at least one).
  base::Duration retry_after = kTryAgain;
};

struct Verdict {
  std::optional<Refusal> refusal;  // set: refused
  Caller caller;
};

// What is known of a token from a request's head, before its body is read.
enum class Standing : unsigned char {
  verified,    // the token was accepted recently, or none is needed
  unverified,  // well-formed, not yet checked: read and hold as little as possible until it is
  refused,     // absent, malformed, or refused recently: known() has the answer to send
};

// A check in progress; destroying it cancels the check.
class PendingVerdict {
 public:
  virtual ~PendingVerdict() = default;
};

// Token checks: the first four count those of now, the others those since the start.
struct AuthStats {
  std::size_t asking = 0, waiting = 0;                            // checks in progress, and queued
  std::size_t accepted_kept = 0, refused_kept = 0;                // cached verdicts
  std::uint64_t accepted = 0, refused = 0, failed = 0, full = 0;  // full: no room for the check
};

class Authenticator {
 public:
  static constexpr std::string_view kOwnQuestion = "own";
  using Fn = base::Delegate<void(Verdict)>;
  virtual ~Authenticator() = default;
  // `authorization`: the request's header. The verdict, if it needs no check (no header needed,
  // malformed header, cached verdict); nullopt: call ask().
  virtual std::optional<Verdict> known(std::optional<std::string_view> authorization) = 0;
  // The same for a request on a connection that proves its peer (nullptr: it proves nothing).
  virtual std::optional<Verdict> known_on(const net::PeerIdentity* peer,
                                          std::optional<std::string_view> authorization) {
    (void)peer;
    return known(authorization);
  }
  // known_on() as one word, for a caller that has only the request's head. Costs a hash of the token;
  // never asks the API server.
  Standing standing(std::optional<std::string_view> authorization,
                    const net::PeerIdentity* peer = nullptr) {
    const std::optional<Verdict> verdict = known_on(peer, authorization);
    if (!verdict) return Standing::unverified;
    return verdict->refusal ? Standing::refused : Standing::verified;
  }
  // Checks the token, or joins a check of the same token. Calls `fn` once, never inside ask().
  // `peer`: from net::peer_key(), which bounds one peer's share of the checks; kOwnQuestion: the
  // server itself checks a token that it already knows.
  virtual std::unique_ptr<PendingVerdict> ask(std::string_view authorization, std::string_view peer,
                                              Fn fn) = 0;
  // Do callers have tokens that can expire or be revoked? If so, the token of a session or stream
  // is checked again while it lasts (recheck.h).
  virtual bool expires() const = 0;
  virtual AuthStats stats() const { return {}; }
  // The answer to a caller whose token is good, but has a lower scope than `needed`.
  virtual Refusal lacks(Scope needed) const;
};

inline Refusal Authenticator::lacks(Scope) const {
  return {403, {}, "the token does not allow this"};
}

}  // namespace mcp
