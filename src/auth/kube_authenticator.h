// The authenticators of the two values of AUTH_MODE.
//
// OwnIdentity (DEV_ALLOW_ANY): every caller acts with the kubeconfig's identity; bearers are ignored.
// Callers that the connection tells apart (users of a Unix socket, client certificates) have names of
// their own in sessions, shares, policy and audit log; all others are "self".
//
// KubeAuthenticator (OIDC_REQUIRED): every request carries a bearer token, and a SelfSubjectReview
// made with that token and no credentials of ours finds out whose it is. One review of a token runs
// at a time; all callers that send the token meanwhile wait for it (review_turns.h decides which
// token is reviewed first). Verdicts are cached under the token's SHA-256:
//
//   accepted      for kVerdictTime, never longer than until a JWT's own exp (but see kLateVerdict)
//   refused       for kRefusalTime
//   unavailable   not at all: the API server could not be asked
//
// Both caches are bounded, each for itself, so that made-up tokens evict no good one.
//
// The identity is made of user name, uid, groups and extra, without credential-id, which differs
// between tokens: a refreshed token of the same user keeps the identity; one with other groups
// (other rights) does not.
//
//   header missing or malformed                              401
//   token refused by the API server, or the anonymous user   401 invalid_token
//   review forbidden                                         403
//   review not served, API server unreachable, too many      503
//
// The message of a refusal goes to unauthenticated clients: it contains no address and no name. The
// API server's message goes to the log.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "auth/review_turns.h"
#include "auth/token_hash.h"
#include "auth/verdict_table.h"
#include "cluster/cluster.h"
#include "mcp/caller.h"

namespace auth {

// A revoked token is accepted for this long at most.
constexpr base::Duration kVerdictTime = base::minutes(1);
// A client that retries a bad token costs one review in this time; after it, a user who was
// repaired at the identity provider is let in.
constexpr base::Duration kRefusalTime = base::seconds(10);
// kube-apiserver accepts a token for 10 s after its exp. A token that it accepts less than this
// after exp is refused here as expired; one that it accepts still later has an exp of another clock
// than ours, which is ignored.
constexpr base::Duration kLateVerdict = base::seconds(15);
constexpr std::size_t kVerdicts = 4096;  // in each cache; about 250 bytes each
// Reviews in flight. A review takes some milliseconds, so this allows thousands a second, each on a
// connection of its own.
constexpr std::size_t kReviewsUnderWay = 64;
// How long a token waits for its review to start. Clients wait some 30 s at least; after this one
// gets 503 and may retry.
constexpr base::Duration kReviewPatience = base::seconds(10);
constexpr base::Duration kReviewTime = base::seconds(15);
// Callers that waited for one token and get its verdict in one turn of the loop: each then begins a
// request.
constexpr std::size_t kToldPerTurn = 32;

class OwnIdentity final : public mcp::Authenticator {
 public:
  std::optional<mcp::Verdict> known(std::optional<std::string_view>) override;
  std::optional<mcp::Verdict> known_on(const net::PeerIdentity* peer,
                                       std::optional<std::string_view>) override;
  std::unique_ptr<mcp::PendingVerdict> ask(std::string_view, std::string_view, Fn) override;
  bool expires() const override { return false; }
};

class KubeAuthenticator final : public mcp::Authenticator {
 public:
  // `cluster` must outlive this. `reviews`: most reviews in flight.
  explicit KubeAuthenticator(cluster::Cluster& cluster, std::size_t reviews = kReviewsUnderWay);
  // Callers that still wait get no verdict.
  ~KubeAuthenticator() override;
  std::optional<mcp::Verdict> known(std::optional<std::string_view> authorization) override;
  std::unique_ptr<mcp::PendingVerdict> ask(std::string_view authorization, std::string_view peer,
                                           Fn fn) override;
  bool expires() const override { return true; }
  mcp::AuthStats stats() const override;

 private:
  class Asked;
  class Review;
  void start_next();
  void drop(Review& review);
  void retire(Review& review);
  mcp::Verdict accept(const Review& review, std::string identity);
  mcp::Verdict refuse(const Review& review, const kube::Failure& failure);
  void say_failure(std::string_view what);

  cluster::Cluster& cluster_;
  ReviewTurns turns_;
  VerdictTable accepted_{kVerdicts}, refused_{kVerdicts};
  mcp::AuthStats counts_;
  base::TimePoint said_{-base::hours(1)};  // when the log last had "tokens cannot be checked"
  std::unordered_map<auth::TokenHash, std::unique_ptr<Review>, TokenHashHash> reviews_;
};

}  // namespace auth
