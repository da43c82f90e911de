// OAuthAuthenticator (AUTH_MODE=OAUTH): access tokens are checked here and never sent on. The cluster
// is told whose request it is by impersonation, or by a token for which the issuer exchanges the
// caller's (exchanged_tokens.h).
//
//   token                                      is checked by
//   JWT of a configured issuer                 its signature and claims (issuers.h)
//   service-account token for our audience,    TokenReview (token_review.h); its aud and sub are
//     if they are accepted                     compared here, too
//   other text that is no JWT, if it is        TokenReview
//     accepted
//   anything else                              refused without asking
//
//   header missing, or not "Bearer TOKEN"      401, without an error code
//   token refused                              401 invalid_token
//   token good, but its user cannot be told    403: logging in again would not help
//     to the cluster (impersonation.h)
//   token too long                             431
//   issuer's keys or the API server not        503
//     reached, too many checks, a key that
//     may be there when they are next fetched
//   its issuer does not exchange it            401 invalid_token, or 403 where logging in again would
//                                                not help
//   its issuer cannot be asked to              503
//
// Each 401 says where to log in (resource_metadata.h). A token is accepted until its exp and the
// clock skew; so long its verdict is kept, its streams last, and no longer. When an issuer's keys
// change, all verdicts are doubted: a key that is gone is revoked, and one that was missed may be there.
//
// Checks by signature are made where the head of a request is all that was read, but only some in
// each turn of the loop: further ones wait for their turn as those that ask the API server do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/checked_tokens.h"
#include "auth/exchanged_tokens.h"
#include "auth/issuers.h"
#include "auth/resource_metadata.h"
#include "auth/token_review.h"
#include "auth/token_user.h"
#include "cluster/cluster.h"

namespace auth {

// Signatures checked at once in one turn of the loop: a millisecond, with the usual algorithms.
constexpr int kChecksPerTurn = 8;

struct OAuthRules {
  bool service_accounts = false;  // the cluster's own, made for our audience
  bool opaque = false;            // tokens that are no JWT
  base::Duration skew = kClockSkew;
  std::size_t reviews = kReviewsUnderWay;  // most checks in flight
  ExchangedTokens* exchange = nullptr;     // for the issuers that it serves; it must outlive this
};

class OAuthAuthenticator final : public CheckedTokens {
 public:
  // All must outlive this. `issuers`: nullptr: none.
  OAuthAuthenticator(cluster::Cluster& cluster, const ResourceMetadata& metadata, Issuers* issuers,
                     OAuthRules rules);
  std::optional<mcp::Verdict> known(std::optional<std::string_view> authorization) override;
  // While writes are off no scope would help: then 403 without a challenge.
  mcp::Refusal lacks(mcp::Scope needed) const override;

 private:
  enum class Judge : unsigned char { none, issuers, account, opaque };
  class Unjudged;
  class BySignature;
  class ByReview;
  std::unique_ptr<TokenCheck> begin(const std::string& token, Tells tells) override;
  std::optional<Finding> found_at_once(std::string_view token) override;
  mcp::Refusal absent() const override { return metadata_.no_token(); }
  mcp::Refusal malformed(std::string_view authorization) override;
  mcp::Refusal refused_before(int status) const override;
  bool still_held(const mcp::Caller& caller) const override;

  Judge judge_of(std::string_view token) const;
  bool may_check_now();
  bool is_exchanged(const Finding& finding) const;
  static ExchangedTokens::Subject subject_of(std::string_view token, const std::string& issuer,
                                             const Finding& finding);
  // `pause`: ExchangedTokens::pause().
  Finding not_exchanged(std::string_view token, const base::Error& why, base::Duration pause);
  Finding finding(std::string_view token, const Issuers::Outcome& outcome);
  Finding finding(std::string_view token, Judge judge, const TokenReview::Outcome& outcome);
  Finding refuse(std::string_view token, std::string_view why);
  Finding forbid(std::string_view token, std::string_view why);
  Finding not_yet(std::string_view token, const Issuers::Outcome& outcome);
  Finding unavailable(std::string_view why, base::Duration retry_after = mcp::kTryAgain);
  std::optional<base::TimePoint> end_of(std::optional<std::int64_t> exp) const;

  cluster::Cluster& cluster_;
  const ResourceMetadata& metadata_;
  Issuers* const issuers_;
  const OAuthRules rules_;
  std::uint64_t generation_ = 0;  // of the issuers' keys, when the verdicts were given
  base::TimePoint turn_{};        // in which checks_ were made
  int checks_ = 0;
  base::TimePoint said_{-base::hours(1)}, said_refused_{-base::hours(1)};  // in the log
};

}  // namespace auth
