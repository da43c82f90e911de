#include "auth/checked_tokens.h"

#include <algorithm>
#include <utility>

#include "auth/bearer.h"

namespace auth {

using mcp::Verdict;

namespace {

constexpr int kForbidden = 403;

Verdict refused(mcp::Refusal refusal) {
  Verdict v;
  v.refusal = std::move(refusal);
  return v;
}

}  // namespace

// A caller that waits for a check.
class CheckedTokens::Asked final : public mcp::PendingVerdict, public base::Link {
 public:
  Asked(Review& review, Fn fn);
  ~Asked() override;

 private:
  friend class Review;
  Review* review_;  // nullptr: the verdict was delivered, or never will be
  Fn fn_;
};

// One check. Once started it runs to its end even if no caller waits any more: its verdict is
// cached, so a client that reconnects again and again with one token costs one check.
class CheckedTokens::Review final : public ReviewTurns::Place {
 public:
  // `payer`: the peer whose refused token it will be, if it is one; nullopt: no peer's.
  Review(CheckedTokens& owner, const TokenHash& hash, std::string_view token,
         std::optional<std::string_view> payer)
      : owner_(owner),
        hash_(hash),
        token_(token),
        payer_(payer),
        patience_(owner.loop_, "review patience", loop::Timer::Fn::bind<&Review::too_many>(this)),
        tell_(owner.loop_, "review told", loop::Deferred::Fn::bind<&Review::tell>(this)) {}
  ~Review() {
    if (entered()) owner_.turns_.leave(*this);
    while (!waiters_.empty())
      pop();
  }

  const TokenHash& hash() const { return hash_; }
  void wait() { patience_.arm(kReviewPatience); }
  void start() {
    patience_.cancel();
    if (!affordable()) {
      owner_.turns_.leave(*this);
      return too_fast();
    }
    check_ = owner_.begin(token_, {FoundFn::bind<&Review::on_found>(this),
                                   base::Delegate<void()>::bind<&Review::on_waits>(this)});
  }
  void too_many() {
    ++owner_.counts_.full;
    if (entered()) owner_.turns_.leave(*this);
    answer(refused({503, {}, "too many tokens are being checked; try again"}));
  }
  bool affordable() const {
    return !payer_ || owner_.refused_checks_.allows(*payer_, owner_.loop_.now());
  }
  void too_fast() {
    ++owner_.counts_.full;
    answer(refused({429, {}, "too many tokens from this address were refused; try again"}));
  }
  // No caller waits, and the check was not started: it can be dropped.
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
  void on_waits() {
    if (!entered()) return;
    owner_.turns_.leave(*this);
    owner_.start_next();
  }
  void on_found(Finding finding) {
    if (entered()) owner_.turns_.leave(*this);
    if (payer_ && (finding.said == Finding::Said::refused || finding.in_vain))
      owner_.refused_checks_.note(*payer_, owner_.loop_.now());
    answer(owner_.conclude(hash_, token_, std::move(finding)));
    owner_.start_next();
  }
  void tell() {
    for (std::size_t n = 0; n < kToldPerTurn && !waiters_.empty(); ++n) {
      const Fn fn = pop().fn_;  // the call may free the Asked
      fn(*verdict_);
    }
    if (!waiters_.empty()) return tell_.schedule();
    owner_.retire(*this);
  }

  CheckedTokens& owner_;
  const TokenHash hash_;
  const std::string token_;
  const std::optional<std::string> payer_;
  base::List<Asked> waiters_;
  std::optional<Verdict> verdict_;  // set once its delivery begins
  std::unique_ptr<TokenCheck> check_;
  loop::Timer patience_;
  loop::Deferred tell_;
};

CheckedTokens::Asked::Asked(Review& review, Fn fn) : review_(&review), fn_(fn) {
  review.waiters_.add(*this);
}

CheckedTokens::Asked::~Asked() {
  if (!review_) return;
  unlink();
  if (review_->idle()) review_->owner_.drop(*review_);
}

CheckedTokens::CheckedTokens(loop::Loop& loop, std::size_t checks)
    : loop_(loop), turns_(ReviewTurns::for_reviews(checks)) {}

CheckedTokens::~CheckedTokens() = default;

std::optional<Verdict> CheckedTokens::known(std::optional<std::string_view> authorization) {
  if (!authorization) return refused(absent());
  const std::string_view token = token_of(*authorization);
  if (token.empty()) return refused(malformed(*authorization));
  const TokenHash hash = token_hash(token);
  const base::TimePoint now = loop_.now();
  if (const auto* kept = accepted_.find(hash);
      kept && kept->until > now && still_held(kept->caller)) {
    Verdict v;
    v.caller = kept->caller;
    v.caller.bearer = token;
    return v;
  }
  if (const auto* kept = refused_.find(hash); kept && kept->until > now)
    return refused(kept->why.empty() ? refused_before(kept->status)
                                     : mcp::Refusal{kept->status, {}, kept->why});
  if (auto finding = found_at_once(token)) return conclude(hash, token, *std::move(finding));
  return std::nullopt;
}

std::unique_ptr<mcp::PendingVerdict> CheckedTokens::ask(std::string_view authorization,
                                                        std::string_view peer, Fn fn) {
  const std::string_view token = token_of(authorization);
  const TokenHash hash = token_hash(token);
  std::unique_ptr<Review>& review = reviews_[hash];
  if (review) return std::make_unique<Asked>(*review, fn);
  const bool own = peer == kOwnQuestion || accepted_.find(hash) != nullptr;
  review = std::make_unique<Review>(*this, hash, token,
                                    own ? std::nullopt : std::optional<std::string_view>(peer));
  auto asked = std::make_unique<Asked>(*review, fn);
  if (!review->affordable()) {
    review->too_fast();
    return asked;
  }
  if (turns_.enter(*review, peer, own) != ReviewTurns::Entered::yes) {
    review->too_many();
    return asked;
  }
  review->wait();
  start_next();
  return asked;
}

void CheckedTokens::start_next() {
  while (auto* place = turns_.next())
    static_cast<Review*>(place)->start();
}

void CheckedTokens::drop(Review& review) {
  reviews_.erase(TokenHash(review.hash()));
}

void CheckedTokens::retire(Review& review) {
  const auto at = reviews_.find(review.hash());
  loop_.retire(std::move(at->second));
  reviews_.erase(at);
}

Verdict CheckedTokens::conclude(const TokenHash& hash, std::string_view token, Finding finding) {
  const base::TimePoint now = loop_.now();
  if (finding.said == Finding::Said::unavailable) {
    ++(finding.in_vain ? counts_.refused : counts_.failed);
    return refused(std::move(finding.refusal));
  }
  if (finding.said == Finding::Said::refused) {
    ++counts_.refused;
    accepted_.forget(hash);
    const bool told = finding.refusal.status == kForbidden;
    refused_.keep(hash, {{},
                         finding.refusal.status,
                         told ? finding.refusal.message : std::string(),
                         now + kRefusalTime});
    return refused(std::move(finding.refusal));
  }
  ++counts_.accepted;
  refused_.forget(hash);
  Verdict v;
  v.caller = std::move(finding.caller);
  v.caller.checked = now;
  base::TimePoint until = now + kVerdictTime;
  if (v.caller.expires) until = std::min(until, *v.caller.expires);
  accepted_.keep(hash, {v.caller, 200, {}, until});
  v.caller.bearer = token;
  return v;
}

mcp::AuthStats CheckedTokens::stats() const {
  mcp::AuthStats out = counts_;
  out.asking = turns_.started();
  out.waiting = turns_.waiting();
  out.accepted_kept = accepted_.size();
  out.refused_kept = refused_.size();
  return out;
}

}  // namespace auth
