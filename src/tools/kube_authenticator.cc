#include "tools/kube_authenticator.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/text.h"

namespace tools {

using base::json::Value;
using mcp::Caller;
using mcp::Refusal;
using mcp::Verdict;

namespace {

Verdict refused(int status, std::string challenge, std::string message) {
  Verdict v;
  v.refusal = Refusal{status, std::move(challenge), std::move(message)};
  return v;
}

constexpr std::string_view kBearer = "bearer ";
constexpr std::size_t kDigestBytes = 16;  // of SHA-256; enough that nobody finds two alike

// The token of "Bearer TOKEN", or "" when the header is something else. More than RFC 6750's
// b64token may come: the API server takes any visible ASCII, e.g. from a static token file.
std::string_view token_of(std::string_view authorization) {
  if (authorization.size() <= kBearer.size() ||
      !base::iequals(authorization.substr(0, kBearer.size()), kBearer)) {
    return {};
  }
  const std::string_view token = base::trim(authorization.substr(kBearer.size()));
  const bool clean =
      std::all_of(token.begin(), token.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  return clean ? token : std::string_view();
}

// The name for people and a digest of name, uid and groups, each with its length before it: what an
// identity provider puts into a name can't make two users one.
std::string identity_of(Value user) {
  std::vector<std::string_view> parts;
  for (Value g : user["groups"].array())
    parts.push_back(g.str());
  std::sort(parts.begin(), parts.end());
  parts.push_back(user["username"].str());
  parts.push_back(user["uid"].str());
  std::string all;
  for (std::string_view part : parts)
    all.append(std::to_string(part.size())).append(":").append(part);
  const auto digest = kube::token_hash(all);
  const std::string_view bytes(reinterpret_cast<const char*>(digest.data()), kDigestBytes);
  std::string identity(user["username"].str());
  return identity.append("/").append(base::hex(bytes));
}

}  // namespace

std::optional<Verdict> OwnIdentity::known(std::optional<std::string_view>) {
  Verdict v;
  v.caller.identity = "self";
  return v;
}

std::unique_ptr<mcp::PendingVerdict> OwnIdentity::ask(std::string_view, std::string_view, Fn) {
  return nullptr;
}

// One SelfSubjectReview.
class Review final : public mcp::PendingVerdict {
 public:
  Review(KubeAuthenticator& owner, std::string token, mcp::Authenticator::Fn fn)
      : owner_(owner),
        token_(std::move(token)),
        fn_(fn),
        busy_(owner.context_.loop, "review refused",
              loop::Deferred::Fn::bind<&Review::too_many>(this)),
        get_(owner.context_.client, kube::ApiGet::Fn::bind<&Review::on_answer>(this)) {
    ++owner_.under_way_;
  }
  ~Review() override { --owner_.under_way_; }

  void start() {
    if (owner_.under_way_ > kReviewsUnderWay) return busy_.schedule();
    kube::ApiRequest request;
    request.method = "POST";
    request.path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    request.content_type = "application/json";
    request.body = R"({"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"})";
    request.credentials = kube::Credentials::bearer(token_);
    request.idempotent = true;  // it stores nothing
    get_.start(std::move(request));
  }

 private:
  void too_many() { fn_(refused(503, {}, "too many tokens are being checked; try again")); }

  void on_answer(kube::ApiGet::Outcome outcome) {
    if (outcome.failure) return fn_(refusal_for(*outcome.failure));
    base::json::Document doc;
    auto review = doc.parse(outcome.body);
    const Value user = review ? (*review)["status"]["userInfo"] : Value();
    if (user["username"].str().empty()) {
      return fn_(refused(503, {}, "the API server's SelfSubjectReview names no user"));
    }
    Verdict v;
    v.caller = Caller{identity_of(user), token_};
    owner_.keep(kube::token_hash(token_), v.caller.identity);
    fn_(std::move(v));
  }

  static Verdict refusal_for(const kube::Failure& failure) {
    // What is no Status is no verdict on the token.
    switch (failure.foreign ? 0 : failure.status) {
      case 401:
        return refused(401, "Bearer error=\"invalid_token\"",
                       "the API server does not accept this token");
      case 403:
        return refused(403, {},
                       "the API server does not let this token ask who it is: " + failure.message);
      case 404:
      case 405:
        return refused(503, {},
                       "the API server does not serve SelfSubjectReview (authentication.k8s.io/v1, "
                       "Kubernetes 1.28 or later), "
                       "which AUTH_MODE=OIDC_REQUIRED needs");
      default:
        return refused(503, {}, "the token could not be checked: " + failure.message);
    }
  }

  KubeAuthenticator& owner_;
  std::string token_;
  mcp::Authenticator::Fn fn_;
  loop::Deferred busy_;
  kube::ApiGet get_;
};

std::optional<Verdict> KubeAuthenticator::known(std::optional<std::string_view> authorization) {
  if (!authorization) return refused(401, "Bearer", "a bearer token is required");
  const std::string_view token = token_of(*authorization);
  if (token.empty())
    return refused(401, "Bearer", "the Authorization header must be 'Bearer TOKEN'");
  auto it = verdicts_.find(kube::token_hash(token));
  if (it == verdicts_.end() || it->second.until <= context_.loop.now()) return std::nullopt;
  Verdict v;
  v.caller = Caller{it->second.identity, std::string(token)};
  return v;
}

std::unique_ptr<mcp::PendingVerdict> KubeAuthenticator::ask(std::string_view authorization,
                                                            std::string_view /*peer*/, Fn fn) {
  auto review = std::make_unique<Review>(*this, std::string(token_of(authorization)), fn);
  review->start();
  return review;
}

void KubeAuthenticator::keep(const kube::TokenHash& hash, std::string identity) {
  if (verdicts_.size() >= kVerdicts) forget_old();
  verdicts_[hash] = Kept{std::move(identity), context_.loop.now() + kVerdictTime};
}

void KubeAuthenticator::forget_old() {
  for (auto it = verdicts_.begin(); it != verdicts_.end();) {
    it = it->second.until <= context_.loop.now() ? verdicts_.erase(it) : std::next(it);
  }
  if (verdicts_.size() >= kVerdicts)
    verdicts_.clear();  // all of one minute: asking again costs little
}

}  // namespace tools
