// TokenReview: asks the API server, with the server's own credentials, whose a token is
// (authentication.k8s.io/v1). The right to create TokenReviews is in the ClusterRole
// system:auth-delegator.
//
// The API server knows for whom a service-account token was made. Every other token it takes as made for
// itself (--api-audiences), unless a webhook of its own says more, so that one is asked about without an
// audience: with one of ours, the API server accepts none.
#pragma once

#include <string>
#include <string_view>

#include "base/delegate.h"
#include "base/json.h"
#include "base/time.h"
#include "cluster/cluster.h"
#include "kube/client.h"
#include "mcp/caller.h"

namespace auth {

constexpr base::Duration kTokenReviewTime = base::seconds(15);

// Does aud, one text or several (RFC 7519 section 4.1.3), name this audience?
bool is_for(base::json::Value aud, std::string_view audience);

class TokenReview {
 public:
  struct Outcome {
    enum class Said : unsigned char { accepted, refused, unavailable };
    Said said = Said::unavailable;
    base::json::Value user = {};                  // accepted: status.user, valid inside the call
    std::string why = {};                         // otherwise, for the log
    base::Duration retry_after = mcp::kTryAgain;  // unavailable
  };
  // Called once, never inside the constructor, as the last statement.
  using Fn = base::Delegate<void(const Outcome&)>;
  // `cluster` must outlive this. Destroying it cancels it. `audience` "": that of the API server, which
  // accepts the token for itself; only for tokens that no service account can have.
  TokenReview(cluster::Cluster& cluster, const std::string& token, std::string audience, Fn fn);

 private:
  void on_answer(const kube::ApiGet::Outcome& outcome);
  Outcome judge(const kube::ApiGet::Outcome& outcome, base::json::Document& doc) const;

  const std::string audience_;
  Fn fn_;
  kube::ApiGet get_;
};

}  // namespace auth
