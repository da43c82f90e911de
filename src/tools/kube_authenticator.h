// Who a caller is, said by the API server: the two ways that AUTH_MODE chooses between.
//
// OwnIdentity (DEV_ALLOW_ANY): everybody is the kubeconfig's identity, whatever bearer comes.
// KubeAuthenticator (OIDC_REQUIRED): every request carries a bearer token; a SelfSubjectReview made
// with that token and nothing else of ours says whose it is. The verdict is kept kVerdictTime under
// the token's SHA-256 (the token itself is not kept here). The identity is user name, uid and
// groups: a refreshed token of the same user goes on, one with other groups (other rights) does
// not.
//   no or malformed header 401   refused by the API server 401 invalid_token   review forbidden 403
//   not served there, not reachable, too many 503
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "kube/token_hash.h"
#include "mcp/caller.h"
#include "tools/kube_context.h"

namespace tools {

constexpr base::Duration kVerdictTime = base::minutes(1);
constexpr std::size_t kVerdicts = 4096;  // kept; about 200 bytes each
constexpr std::size_t kReviewsUnderWay =
    64;  // a flood of made-up tokens must not become one of the API server's

class OwnIdentity final : public mcp::Authenticator {
 public:
  std::optional<mcp::Verdict> known(std::optional<std::string_view>) override;
  std::unique_ptr<mcp::PendingVerdict> ask(std::string_view, std::string_view, Fn) override;
  bool expires() const override { return false; }
};

class KubeAuthenticator final : public mcp::Authenticator {
 public:
  explicit KubeAuthenticator(KubeContext& context) : context_(context) {}  // `context` outlives it
  std::optional<mcp::Verdict> known(std::optional<std::string_view> authorization) override;
  std::unique_ptr<mcp::PendingVerdict> ask(std::string_view authorization, std::string_view peer,
                                           Fn fn) override;
  bool expires() const override { return true; }

 private:
  friend class Review;
  struct Kept {
    std::string identity;
    base::TimePoint until;
  };
  void keep(const kube::TokenHash& hash, std::string identity);
  void forget_old();

  KubeContext& context_;
  std::unordered_map<kube::TokenHash, Kept, kube::TokenHashHash> verdicts_;
  std::size_t under_way_ = 0;
};

}  // namespace tools
