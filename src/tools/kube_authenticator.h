// Who a caller is, said by the API server: the two ways that AUTH_MODE chooses between.
//
// OwnIdentity (DEV_ALLOW_ANY): everybody is the kubeconfig's identity, whatever bearer comes.
// KubeAuthenticator (OIDC_REQUIRED): every request carries a bearer token; a SelfSubjectReview made
// with that token and nothing else of ours says whose it is. One question is asked about a token at
// a time, and all who came with it meanwhile wait for it (review_turns.h says who is asked about
// first). What was found out is remembered under the token's SHA-256:
//
//   accepted       kVerdictTime, never longer than a JWT's own exp
//   refused        kRefusalTime
//   not to be had  not at all: the API server could not be asked
// Both memories are bounded, so that made-up tokens drive out no good one.
//
// The identity is user name, uid, groups and extra, without what is another with each token
// (credential-id): a refreshed token of the same user goes on, one with other groups (other rights)
// does not.
//   no or malformed header 401   refused by the API server, or nobody's 401 invalid_token
//   review forbidden 403         not served there, not reachable, too many 503
// A refusal's text goes to strangers: it names no address and nobody; the log has the API server's
// words.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "kube/token_hash.h"
#include "mcp/caller.h"
#include "tools/kube_context.h"
#include "tools/review_turns.h"
#include "tools/verdict_table.h"

namespace tools {

// A token that was revoked is good for this long at most.
constexpr base::Duration kVerdictTime = base::minutes(1);
// A client that tries its bad token again and again costs one question in this time; who mends the
// user at the identity provider waits no longer.
constexpr base::Duration kRefusalTime = base::seconds(10);
// kube-apiserver goes on with a token for 10 s after its exp; what it still takes later than this
// ends by another clock than ours.
constexpr base::Duration kLateVerdict = base::seconds(15);
constexpr std::size_t kVerdicts = 4096;  // of each memory; about 250 bytes each
// Questions under way: a review takes some milliseconds, so that this is thousands a second, each
// on a connection of its own.
constexpr std::size_t kReviewsUnderWay = 64;
// A client waits some 30 s at least; who could not be asked about by then may try again.
constexpr base::Duration kReviewPatience = base::seconds(10);
constexpr base::Duration kReviewTime = base::seconds(15);
// Answers to those who waited for one token, in a turn of the loop: each begins a request.
constexpr std::size_t kToldPerTurn = 32;

class OwnIdentity final : public mcp::Authenticator {
 public:
  std::optional<mcp::Verdict> known(std::optional<std::string_view>) override;
  std::unique_ptr<mcp::PendingVerdict> ask(std::string_view, std::string_view, Fn) override;
  bool expires() const override { return false; }
};

class KubeAuthenticator final : public mcp::Authenticator {
 public:
  // `context` outlives it. `reviews`: at most so many under way.
  explicit KubeAuthenticator(KubeContext& context, std::size_t reviews = kReviewsUnderWay);
  // Whoever still waits is never told.
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

  KubeContext& context_;
  ReviewTurns turns_;
  VerdictTable accepted_{kVerdicts}, refused_{kVerdicts};
  mcp::AuthStats counts_;
  base::TimePoint said_{-base::hours(1)};  // that tokens cannot be checked
  std::unordered_map<kube::TokenHash, std::unique_ptr<Review>, kube::TokenHashHash> reviews_;
};

}  // namespace tools
