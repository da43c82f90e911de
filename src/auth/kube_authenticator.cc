#include "auth/kube_authenticator.h"

#include <utility>

#include "auth/bearer.h"
#include "auth/caller_identity.h"
#include "base/log.h"
#include "cluster/upstream.h"

namespace auth {

using mcp::Refusal;
using mcp::Verdict;

namespace {

// Interval between two log lines saying that tokens cannot be checked.
constexpr base::Duration kSayAgain = base::minutes(1);

Finding refused(Refusal refusal) {
  return {Finding::Said::refused, {}, std::move(refusal)};
}

Finding unavailable(std::string message, base::Duration retry_after = mcp::kTryAgain) {
  return {Finding::Said::unavailable, {}, {503, {}, std::move(message), retry_after}};
}

}  // namespace

std::optional<Verdict> OwnIdentity::known(std::optional<std::string_view>) {
  Verdict v;
  v.caller.identity = "self";
  return v;
}

std::optional<Verdict> OwnIdentity::known_on(const net::PeerIdentity* peer,
                                             std::optional<std::string_view> authorization) {
  auto verdict = known(authorization);
  if (peer) {
    // This caller acts as the server; under CLIENT_CERT the same certificate acts as its user. What
    // one of them has begun (sessions, tasks, confirmations) is not the other's. A process is
    // known in this mode alone.
    const bool certificate = peer->by == net::PeerIdentity::By::certificate;
    verdict->caller.identity = (certificate ? "own:" : "") + peer->id;
    verdict->caller.distinct = true;
  }
  return verdict;
}

std::unique_ptr<mcp::PendingVerdict> OwnIdentity::ask(std::string_view, std::string_view, Fn) {
  return nullptr;
}

// One SelfSubjectReview.
class KubeAuthenticator::Review final : public TokenCheck {
 public:
  Review(KubeAuthenticator& owner, const std::string& token, FoundFn fn)
      : owner_(owner),
        token_(token),
        fn_(fn),
        get_(cluster::Upstream::client(owner.cluster_),
             kube::ApiGet::Fn::bind<&Review::on_answer>(this)) {
    kube::ApiRequest request;
    request.method = "POST";
    request.path = kReviewPath;
    request.content_type = "application/json";
    request.body = kReviewBody;
    request.credentials = kube::config::Credentials::bearer(token_);
    request.total_time = kReviewTime;
    request.idempotent = true;  // a review stores nothing
    request.urgent = true;
    get_.start(std::move(request));
  }

 private:
  void on_answer(const kube::ApiGet::Outcome& outcome) { fn_(judge(outcome)); }
  Finding judge(const kube::ApiGet::Outcome& outcome) {
    if (outcome.failure) return owner_.refuse(*outcome.failure);
    base::json::Document doc;
    const auto review = doc.parse(outcome.body);
    const base::json::Value user = review ? (*review)["status"]["userInfo"] : base::json::Value();
    if (user["username"].str().empty())
      return unavailable("the API server's SelfSubjectReview names no user");
    return owner_.accept(token_, identity_of(user));
  }

  KubeAuthenticator& owner_;
  const std::string& token_;
  FoundFn fn_;
  kube::ApiGet get_;
};

KubeAuthenticator::KubeAuthenticator(cluster::Cluster& cluster, std::size_t reviews)
    : CheckedTokens(cluster.loop, reviews), cluster_(cluster) {}

std::unique_ptr<TokenCheck> KubeAuthenticator::begin(const std::string& token, Tells tells) {
  return std::make_unique<Review>(*this, token, tells.found);
}

Refusal KubeAuthenticator::absent() const {
  return {401, "Bearer", "a bearer token is required"};
}

Refusal KubeAuthenticator::malformed(std::string_view authorization) {
  if (is_too_long(authorization)) return too_long();
  return {401, "Bearer", "the Authorization header must be 'Bearer TOKEN'"};
}

Refusal KubeAuthenticator::refused_before(int status) const {
  if (status == 403)
    return {403, {}, "the API server does not allow this token to create a SelfSubjectReview"};
  return {401, "Bearer error=\"invalid_token\"", "the API server does not accept this token"};
}

Finding KubeAuthenticator::accept(std::string_view token, std::string identity) const {
  const base::TimePoint now = loop().now();
  std::optional<base::TimePoint> expires;
  if (const auto end = jwt_end(token))
    expires = now + (base::seconds(*end) - base::Duration(loop().wall_now().ns));
  const bool over = expires && *expires <= now;
  if (identity.empty() || (over && now - *expires < kLateVerdict))
    return refused(refused_before(401));
  if (over) expires.reset();
  Finding out{Finding::Said::accepted, {}, {}};
  out.caller.identity = std::move(identity);
  out.caller.expires = expires;
  return out;
}

Finding KubeAuthenticator::refuse(const kube::Failure& failure) {
  // A proxy's error page is no verdict, whatever its status code.
  if (failure.says(401) || failure.says(403)) {
    LOG_DEBUG("token refused", {"status", failure.status}, {"reason", failure.message});
    return refused(refused_before(failure.status));
  }
  const base::TimePoint now = loop().now();
  if (now - said_ >= kSayAgain) {
    said_ = now;
    LOG_WARN("tokens cannot be checked", {"error", failure.message});
  }
  if (failure.says(404) || failure.says(405)) {
    return unavailable(
        "the API server does not serve SelfSubjectReview (authentication.k8s.io/v1, "
        "Kubernetes 1.28 or later), which AUTH_MODE=OIDC_REQUIRED needs");
  }
  return unavailable("the token could not be checked (" +
                         std::string(base::to_string(failure.code)) + "); try again",
                     failure.retry_after.value_or(mcp::kTryAgain));
}

}  // namespace auth
