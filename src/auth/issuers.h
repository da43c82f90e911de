// Issuers: from an access token (a JWT, RFC 9068) to verified claims, for the issuers of the
// settings. Nothing here knows Kubernetes or MCP.
//
//   parsed             token/jwt.h          of which issuer: by the unverified iss
//   its key            token/key_cache.h    of that issuer's keys alone
//   its signature      token/key_set.h
//   its claims         token/claim_check.h  issuer, kind, audience, times
//   who the caller is  token/identity_claims.h
//
// Three answers:
//   accepted     Outcome::claims
//   refused      the token is not good, and will not be: 401
//   unavailable  its key is not known, and the issuer's keys cannot be fetched yet: 503, Retry-After
//
// A refusal's reason is for the log alone: clients get one message for all, so that nothing can be
// learned by trying. A good token's user may read why it is not taken: logging in again does not help.
//
// A check costs no request unless the token names a key that its issuer's set does not have, or its
// signature is of no key there (a key may have been replaced under its name), and everything else
// about it is good; then one fetch serves all who wait, at most one in kUnknownKeyInterval. Until the
// next one a token with an unknown key is unavailable; one whose key is known is refused. What costs processor time is the signature (30 to 800 us): the caller bounds
// the checks of one peer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/token/claims.h"
#include "auth/token/issuer_settings.h"
#include "auth/token/key_cache.h"
#include "base/delegate.h"
#include "base/time.h"
#include "loop/loop.h"
#include "net/resolve.h"

namespace auth {

using token::Claims;
using token::IssuerSettings;
using token::IssuerStatus;

// Clocks of issuers and of this machine differ (RFC 7519 section 4.1.4).
constexpr base::Duration kClockSkew = base::seconds(30);
constexpr base::Duration kMostClockSkew = base::seconds(60);
// For a fetch of keys: a client that logs in waits some seconds, and one issuer's outage must hold
// no more than this many tokens.
constexpr base::Duration kKeyPatience = base::seconds(5);
constexpr std::size_t kKeyWaiters = 64;  // of one issuer; 14 KiB each at most
// Outcomes after a fetch that are told in one turn of the loop: each checks a signature.
constexpr std::size_t kOutcomesPerTurn = 8;

struct IssuersOptions {
  // The server's URL, `resource` of its metadata (RFC 8707): a token is for us when its aud has it,
  // or one of IssuerSettings::audiences, byte for byte.
  std::string audience;
  base::Duration skew = kClockSkew;  // for exp, nbf and iat; at most kMostClockSkew
  std::string user_agent = {};
  token::UrlRules rules = {};
  const char* (*getenv)(const char*) = nullptr;  // of proxies; nullptr: the process's environment
};

class Issuers {
 public:
  struct Outcome {
    enum class Said : unsigned char { accepted, refused, unavailable };
    Said said = Said::refused;
    Claims claims = {};               // accepted
    std::string why = {};             // otherwise: one line for the log, printable; no token in it
    base::Duration retry_after = {};  // unavailable: when a fetch may succeed; at least a second
    bool no_user = false;             // refused: a good token, whose user cannot be taken
    bool early = false;  // unavailable: the issuer is there, and was asked a moment ago
  };
  // Checks since the start.
  struct Counts {
    std::uint64_t accepted = 0, refused = 0, unavailable = 0;
    std::size_t waiting = 0;  // now, for a fetch
  };
  // Called once, never inside verify(), as the last statement. It may free the Pending, and the
  // Issuers by Loop::retire().
  using Fn = base::Delegate<void(Outcome)>;
  // A check that waits; destroying it cancels it.
  class Pending {
   public:
    virtual ~Pending() = default;
  };

  // `loop` and `resolver` must outlive it. Requires: `settings` passed check_issuers(), the
  // audience is not empty.
  Issuers(loop::Loop& loop, net::Resolver& resolver, std::vector<IssuerSettings> settings,
          IssuersOptions options);
  ~Issuers();  // those that wait get no outcome, and may outlive it
  Issuers(const Issuers&) = delete;
  Issuers& operator=(const Issuers&) = delete;

  // Begins to fetch all key sets, and to refresh them; tokens are checked before they are there,
  // too: those wait.
  void start();
  // Stops all fetches, silently; those that wait get no outcome. May be called twice.
  void close();

  // The token is a JWT whose unverified iss is one of ours. False: no JWT, or of another issuer
  // (the cluster's own): not for us to judge.
  bool owns(std::string_view token) const;
  // The outcome, when it needs no fetch; nullopt: call verify(). Also of tokens that are not owned:
  // refused.
  std::optional<Outcome> known(std::string_view token);
  // Checks the token, after a fetch if it needs one. Waits kKeyPatience at most; when kKeyWaiters wait
  // already, the outcome is unavailable.
  std::unique_ptr<Pending> verify(std::string_view token, Fn fn);

  // Grows when an issuer's usable keys changed. An outcome of an earlier generation may no longer
  // hold (a key that is gone is revoked): ask known() again before relying on it.
  std::uint64_t generation() const;
  std::vector<IssuerStatus> status() const;
  Counts counts() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace auth
