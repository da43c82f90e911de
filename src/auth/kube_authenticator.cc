#include "auth/kube_authenticator.h"

#include <algorithm>
#include <utility>

#include "auth/bearer.h"
#include "auth/caller_identity.h"
#include "base/log.h"
#include "cluster/upstream.h"

namespace auth {

using mcp::Caller;
using mcp::Refusal;
using mcp::Verdict;

namespace {

// Interval between two log lines saying that tokens cannot be checked.
constexpr base::Duration kSayAgain = base::minutes(1);

Verdict refused(int status, std::string challenge, std::string message) {
  Verdict v;
  v.refusal = Refusal{status, std::move(challenge), std::move(message)};
  return v;
}

Verdict refused_by(int status) {
  if (status == 403)
    return refused(403, {},
                   "the API server does not allow this token to create a SelfSubjectReview");
  return refused(401, "Bearer error=\"invalid_token\"",
                 "the API server does not accept this token");
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
    verdict->caller.identity = peer->id;
    verdict->caller.distinct = true;
  }
  return verdict;
}

std::unique_ptr<mcp::PendingVerdict> OwnIdentity::ask(std::string_view, std::string_view, Fn) {
  return nullptr;
}

// A caller that waits for a review.
class KubeAuthenticator::Asked final : public mcp::PendingVerdict, public base::Link {
 public:
  Asked(Review& review, Fn fn);
  ~Asked() override;

 private:
  friend class Review;
  Review* review_;  // nullptr: the verdict was delivered, or never will be
  Fn fn_;
};

// One SelfSubjectReview. Once started it runs to its end even if no caller waits any more: its
// verdict is cached, so a client that reconnects again and again with one token costs one review.
class KubeAuthenticator::Review final : public ReviewTurns::Place {
 public:
  Review(KubeAuthenticator& owner, const auth::TokenHash& hash, std::string_view token)
      : owner_(owner),
        hash_(hash),
        token_(token),
        get_(cluster::Upstream::client(owner.cluster_),
             kube::ApiGet::Fn::bind<&Review::on_answer>(this)),
        patience_(owner.cluster_.loop, "review patience",
                  loop::Timer::Fn::bind<&Review::too_many>(this)),
        tell_(owner.cluster_.loop, "review told", loop::Deferred::Fn::bind<&Review::tell>(this)) {}
  ~Review() {
    if (entered()) owner_.turns_.leave(*this);
    while (!waiters_.empty())
      pop();
  }

  const auth::TokenHash& hash() const { return hash_; }
  const std::string& token() const { return token_; }
  void wait() { patience_.arm(kReviewPatience); }
  void start() {
    patience_.cancel();
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
  void too_many() {
    ++owner_.counts_.full;
    if (entered()) owner_.turns_.leave(*this);
    answer(refused(503, {}, "too many tokens are being checked; try again"));
  }
  // No caller waits, and the review was not started: it can be dropped.
  bool idle() const { return waiters_.empty() && !started && !verdict_; }

 private:
  friend class Asked;
  Asked& pop() {
    Asked& first = *waiters_.pop();
    first.review_ = nullptr;
    return first;
  }
  void answer(Verdict verdict) {
    verdict_ = std::move(verdict);
    tell_.schedule();
  }
  void on_answer(const kube::ApiGet::Outcome& outcome) {
    owner_.turns_.leave(*this);
    answer(judge(outcome));
    owner_.start_next();
  }
  Verdict judge(const kube::ApiGet::Outcome& outcome) {
    if (outcome.failure) return owner_.refuse(*this, *outcome.failure);
    base::json::Document doc;
    const auto review = doc.parse(outcome.body);
    const base::json::Value user = review ? (*review)["status"]["userInfo"] : base::json::Value();
    if (user["username"].str().empty()) {
      ++owner_.counts_.failed;
      return refused(503, {}, "the API server's SelfSubjectReview names no user");
    }
    return owner_.accept(*this, identity_of(user));
  }
  void tell() {
    for (std::size_t n = 0; n < kToldPerTurn && !waiters_.empty(); ++n) {
      const Fn fn = pop().fn_;  // the call may free the Asked
      fn(*verdict_);
    }
    if (!waiters_.empty()) return tell_.schedule();
    owner_.retire(*this);
  }

  KubeAuthenticator& owner_;
  const auth::TokenHash hash_;
  const std::string token_;
  base::List<Asked> waiters_;
  std::optional<Verdict> verdict_;  // set once its delivery begins
  kube::ApiGet get_;
  loop::Timer patience_;
  loop::Deferred tell_;
};

KubeAuthenticator::Asked::Asked(Review& review, Fn fn) : review_(&review), fn_(fn) {
  review.waiters_.add(*this);
}

KubeAuthenticator::Asked::~Asked() {
  if (!review_) return;
  unlink();
  if (review_->idle()) review_->owner_.drop(*review_);
}

KubeAuthenticator::KubeAuthenticator(cluster::Cluster& cluster, std::size_t reviews)
    : cluster_(cluster), turns_(reviews) {}

KubeAuthenticator::~KubeAuthenticator() = default;

std::optional<Verdict> KubeAuthenticator::known(std::optional<std::string_view> authorization) {
  if (!authorization) return refused(401, "Bearer", "a bearer token is required");
  const std::string_view token = token_of(*authorization);
  if (token.empty()) {
    return refused(401, "Bearer",
                   "the Authorization header must be 'Bearer TOKEN', the token at most 8 KiB");
  }
  const auth::TokenHash hash = auth::token_hash(token);
  const base::TimePoint now = cluster_.loop.now();
  if (const auto* kept = accepted_.find(hash); kept && kept->until > now) {
    Verdict v;
    v.caller = Caller{kept->identity, std::string(token), kept->expires, kept->at};
    return v;
  }
  if (const auto* kept = refused_.find(hash); kept && kept->until > now)
    return refused_by(kept->status);
  return std::nullopt;
}

std::unique_ptr<mcp::PendingVerdict> KubeAuthenticator::ask(std::string_view authorization,
                                                            std::string_view peer, Fn fn) {
  const std::string_view token = token_of(authorization);
  const auth::TokenHash hash = auth::token_hash(token);
  std::unique_ptr<Review>& review = reviews_[hash];
  if (review) return std::make_unique<Asked>(*review, fn);
  review = std::make_unique<Review>(*this, hash, token);
  auto asked = std::make_unique<Asked>(*review, fn);
  const bool own = peer == kOwnQuestion || accepted_.find(hash) != nullptr;
  if (!turns_.enter(*review, peer, own)) {
    review->too_many();
    return asked;
  }
  review->wait();
  start_next();
  return asked;
}

void KubeAuthenticator::start_next() {
  while (auto* place = turns_.next())
    static_cast<Review*>(place)->start();
}

void KubeAuthenticator::drop(Review& review) {
  reviews_.erase(auth::TokenHash(review.hash()));
}

void KubeAuthenticator::retire(Review& review) {
  const auto at = reviews_.find(review.hash());
  cluster_.loop.retire(std::move(at->second));
  reviews_.erase(at);
}

Verdict KubeAuthenticator::accept(const Review& review, std::string identity) {
  const base::TimePoint now = cluster_.loop.now();
  std::optional<base::TimePoint> expires;
  if (const auto end = jwt_end(review.token()))
    expires = now + (base::seconds(*end) - base::Duration(cluster_.loop.wall_now().ns));
  const bool over = expires && *expires <= now;
  if (identity.empty() || (over && now - *expires < kLateVerdict)) {
    ++counts_.refused;
    accepted_.forget(review.hash());
    refused_.keep(review.hash(), {{}, 401, now, now + kRefusalTime});
    return refused_by(401);
  }
  ++counts_.accepted;
  refused_.forget(review.hash());
  if (over) expires.reset();
  Verdict v;
  v.caller = Caller{identity, review.token(), expires, now};
  const base::TimePoint until = now + kVerdictTime;
  accepted_.keep(review.hash(), {std::move(identity), 200, now,
                                 expires ? std::min(until, *expires) : until, expires});
  return v;
}

Verdict KubeAuthenticator::refuse(const Review& review, const kube::Failure& failure) {
  // A proxy's error page is no verdict, whatever its status code.
  if (failure.says(401) || failure.says(403)) {
    ++counts_.refused;
    accepted_.forget(review.hash());
    const base::TimePoint now = cluster_.loop.now();
    refused_.keep(review.hash(), {{}, failure.status, now, now + kRefusalTime});
    LOG_DEBUG("token refused", {"status", failure.status}, {"reason", failure.message});
    return refused_by(failure.status);
  }
  ++counts_.failed;
  say_failure(failure.message);
  if (failure.says(404) || failure.says(405)) {
    return refused(503, {},
                   "the API server does not serve SelfSubjectReview (authentication.k8s.io/v1, "
                   "Kubernetes 1.28 or later), which AUTH_MODE=OIDC_REQUIRED needs");
  }
  return refused(503, {},
                 "the token could not be checked (" + std::string(base::to_string(failure.code)) +
                     "); try again");
}

void KubeAuthenticator::say_failure(std::string_view what) {
  const base::TimePoint now = cluster_.loop.now();
  if (now - said_ < kSayAgain) return;
  said_ = now;
  LOG_WARN("tokens cannot be checked", {"error", what});
}

mcp::AuthStats KubeAuthenticator::stats() const {
  mcp::AuthStats out = counts_;
  out.asking = turns_.started();
  out.waiting = turns_.waiting();
  out.accepted_kept = accepted_.size();
  out.refused_kept = refused_.size();
  return out;
}

}  // namespace auth
