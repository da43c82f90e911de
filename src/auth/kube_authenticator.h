// The authenticators of two values of AUTH_MODE (oauth_authenticator.h has the third).
//
// OwnIdentity (DEV_ALLOW_ANY): every caller acts with the kubeconfig's identity; bearers are ignored.
// Callers that the connection tells apart (users of a Unix socket, client certificates) have names of
// their own in sessions, shares, policy and audit log; all others are "self".
//
// KubeAuthenticator (OIDC_REQUIRED): every request carries a bearer token, and a SelfSubjectReview
// made with that token and no credentials of ours finds out whose it is. The caller's own requests to
// the API server are made with that token, too: a pass-through, which the MCP specification forbids
// and which needs no right for us.
//
// The identity is made of user name, uid, groups and extra, without credential-id, which differs
// between tokens: a refreshed token of the same user keeps the identity; one with other groups
// (other rights) does not. A verdict never outlasts a JWT's own exp (but see kLateVerdict).
//
//   header missing or malformed                              401; 431: the token is too long
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

#include "auth/checked_tokens.h"
#include "cluster/cluster.h"
#include "mcp/caller.h"

namespace auth {

// kube-apiserver accepts a token for 10 s after its exp. A token that it accepts less than this
// after exp is refused here as expired; one that it accepts still later has an exp of another clock
// than ours, which is ignored.
constexpr base::Duration kLateVerdict = base::seconds(15);
constexpr base::Duration kReviewTime = base::seconds(15);

class OwnIdentity final : public mcp::Authenticator {
 public:
  std::optional<mcp::Verdict> known(std::optional<std::string_view>) override;
  std::optional<mcp::Verdict> known_on(const net::PeerIdentity* peer,
                                       std::optional<std::string_view>) override;
  std::unique_ptr<mcp::PendingVerdict> ask(std::string_view, std::string_view, Fn) override;
  bool expires() const override { return false; }
};

class KubeAuthenticator final : public CheckedTokens {
 public:
  // `cluster` must outlive this. `reviews`: most reviews in flight.
  explicit KubeAuthenticator(cluster::Cluster& cluster, std::size_t reviews = kReviewsUnderWay);

 private:
  class Review;
  std::unique_ptr<TokenCheck> begin(const std::string& token, Tells tells) override;
  mcp::Refusal absent() const override;
  mcp::Refusal malformed(std::string_view authorization) override;
  mcp::Refusal refused_before(int status) const override;
  Finding accept(std::string_view token, std::string identity) const;
  Finding refuse(const kube::Failure& failure);

  cluster::Cluster& cluster_;
  base::TimePoint said_{-base::hours(1)};  // when the log last had "tokens cannot be checked"
};

}  // namespace auth
