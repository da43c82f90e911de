#include "auth/oauth_authenticator.h"

#include <utility>

#include "auth/bearer.h"
#include "auth/token/jwt.h"
#include "base/encoding.h"
#include "base/log.h"
#include "base/text.h"
#include "cluster/policy_gate.h"
#include "kube/config/credentials.h"
#include "kube/config/impersonation.h"

namespace auth {

using base::json::Value;

namespace {

// Interval between two log lines about tokens that were refused or could not be checked.
constexpr base::Duration kSayAgain = base::minutes(1);
constexpr std::string_view kUnjudged =
    "it is of none of the issuers, and no service-account token for this server";
// In the extra of a TokenReview.
constexpr std::string_view kOfToken = "authentication.kubernetes.io/";
// A timer fires in a later turn, whose time is another: on a virtual clock, too.
constexpr base::Duration kNextTurn = base::Duration(1);
constexpr int kForbidden = 403, kTooManyRequests = 429;
constexpr std::size_t kShown = 128;  // bytes of a client's or token's id that are kept

// What a log may say of a token, or what tells long ids apart.
std::string name_of(std::string_view token, std::size_t bytes = 4) {
  const TokenHash hash = token_hash(token);
  return base::hex({reinterpret_cast<const char*>(hash.data()), bytes});
}

// Is it a service account's token for this audience, by its own words?
bool claims_account(std::string_view token, std::string_view audience) {
  const auto jwt = token::parse_jwt(token);
  if (!jwt) return false;
  const Value claims = jwt->payload.root();
  return kube::config::is_service_account(claims["sub"].str()) && is_for(claims["aud"], audience);
}

std::string sub_of(std::string_view token) {
  const auto jwt = token::parse_jwt(token);
  return jwt ? std::string(jwt->payload.root()["sub"].str()) : std::string();
}

std::string id_of(std::string_view token) {
  const auto jwt = token::parse_jwt(token);
  return jwt ? base::printable(jwt->payload.root()["jti"].str(), kShown) : std::string();
}

// An id of an issuer's: distinct, and fit for a log, however long it is.
std::string short_id(std::string_view id) {
  std::string out = base::printable(id, kShown);
  return out == id ? out : out + " " + name_of(id, 16);
}

// The pod that holds a service account's token, with which it ends; "" for one that no pod holds.
std::string pod_of(Value user) {
  std::string out;
  for (const char* what : {"pod-name", "pod-uid"})
    for (const Value each : user["extra"][std::string(kOfToken) + what].array())
      out.append(out.empty() ? "pod " : " ").append(each.str());
  return short_id(out);
}

// A JWT has three parts, or five if it is encrypted. Text that a lenient reader may take for one counts, too.
bool looks_like_jwt(std::string_view token) {
  return base::split(token, '.').size() >= 3;
}

}  // namespace

// A token that needs no check.
class OAuthAuthenticator::Unjudged final : public TokenCheck {
 public:
  Unjudged(OAuthAuthenticator& owner, const std::string& token, FoundFn fn)
      : owner_(owner),
        token_(token),
        fn_(fn),
        later_(owner.loop(), "token refused", loop::Deferred::Fn::bind<&Unjudged::tell>(this)) {
    later_.schedule();
  }

 private:
  void tell() { fn_(owner_.refuse(token_, kUnjudged)); }

  OAuthAuthenticator& owner_;
  const std::string& token_;
  FoundFn fn_;
  loop::Deferred later_;
};

// A JWT of an issuer of ours. Not checked in the call that begins it: many may begin in one turn.
class OAuthAuthenticator::BySignature final : public TokenCheck {
 public:
  BySignature(OAuthAuthenticator& owner, const std::string& token, Tells tells)
      : owner_(owner),
        token_(token),
        tells_(tells),
        turn_(owner.loop(), "token checked", loop::Timer::Fn::bind<&BySignature::on_turn>(this)),
        exchanged_(kube::config::Waiter::Fn::bind<&BySignature::on_exchanged>(this)) {
    turn_.arm(base::Duration::zero());
  }

 private:
  void on_turn() {
    if (!owner_.may_check_now()) return turn_.arm(kNextTurn);
    if (auto outcome = owner_.issuers_->known(token_)) return on_outcome(*outcome);
    pending_ = owner_.issuers_->verify(token_, Issuers::Fn::bind<&BySignature::on_outcome>(this));
    tells_.waits();
  }
  void on_outcome(const Issuers::Outcome& outcome) {
    finding_ = owner_.finding(token_, outcome);
    issuer_ = outcome.claims.issuer;
    if (exchange()) tells_.waits();
  }
  void on_exchanged() { exchange(); }
  // Tells the finding, when no exchange is needed or one is over; true: one is to be waited for.
  bool exchange() {
    using State = kube::config::CredentialState;
    if (!owner_.is_exchanged(finding_)) return tell(std::move(finding_));
    ExchangedTokens& tokens = *owner_.rules_.exchange;
    const ExchangedTokens::Subject subject = subject_of(token_, issuer_, finding_);
    switch (tokens.prepare(subject)) {
      case State::ready:
        return tell(std::move(finding_));
      case State::running:
        tokens.wait(subject, exchanged_);
        return true;
      case State::failed:
        break;
    }
    return tell(owner_.not_exchanged(token_, tokens.error(), tokens.pause()));
  }
  bool tell(Finding finding) {
    const FoundFn told = tells_.found;
    told(std::move(finding));
    return false;
  }

  OAuthAuthenticator& owner_;
  const std::string& token_;
  const Tells tells_;
  loop::Timer turn_;
  std::unique_ptr<Issuers::Pending> pending_;
  Finding finding_;
  std::string issuer_;
  kube::config::Waiter exchanged_;
};

class OAuthAuthenticator::ByReview final : public TokenCheck {
 public:
  ByReview(OAuthAuthenticator& owner, const std::string& token, Judge judge, FoundFn fn)
      : owner_(owner),
        token_(token),
        judge_(judge),
        fn_(fn),
        review_(owner.cluster_, token,
                judge == Judge::opaque ? std::string() : owner.metadata_.resource(),
                TokenReview::Fn::bind<&ByReview::on_outcome>(this)) {}

 private:
  void on_outcome(const TokenReview::Outcome& outcome) {
    fn_(owner_.finding(token_, judge_, outcome));
  }

  OAuthAuthenticator& owner_;
  const std::string& token_;
  const Judge judge_;
  FoundFn fn_;
  TokenReview review_;
};

OAuthAuthenticator::OAuthAuthenticator(cluster::Cluster& cluster, const ResourceMetadata& metadata,
                                       Issuers* issuers, OAuthRules rules)
    : CheckedTokens(cluster.loop, rules.reviews),
      cluster_(cluster),
      metadata_(metadata),
      issuers_(issuers),
      rules_(rules) {}

std::optional<mcp::Verdict> OAuthAuthenticator::known(
    std::optional<std::string_view> authorization) {
  if (issuers_ && issuers_->generation() != generation_) {
    generation_ = issuers_->generation();
    doubt_all();
  }
  return CheckedTokens::known(authorization);
}

mcp::Refusal OAuthAuthenticator::lacks(mcp::Scope needed) const {
  if (needed == mcp::Scope::write && cluster_.policy) {
    if (auto why = cluster_.policy->policy().writes_off()) return {kForbidden, {}, *std::move(why)};
  }
  return metadata_.lacks(needed);
}

// A header of another scheme brings no token, and nothing that was wrong with one.
mcp::Refusal OAuthAuthenticator::malformed(std::string_view authorization) {
  if (is_too_long(authorization)) {
    mcp::Refusal out = too_long();
    (void)refuse(authorization, out.message);
    return out;
  }
  constexpr std::string_view kScheme = "bearer ";
  const bool bearer = base::iequals(authorization.substr(0, kScheme.size()), kScheme);
  return bearer ? metadata_.bad_token() : metadata_.no_token();
}

OAuthAuthenticator::Judge OAuthAuthenticator::judge_of(std::string_view token) const {
  if (issuers_ && issuers_->owns(token)) return Judge::issuers;
  if (rules_.service_accounts && claims_account(token, metadata_.resource())) return Judge::account;
  if (rules_.opaque && !looks_like_jwt(token)) return Judge::opaque;
  return Judge::none;
}

bool OAuthAuthenticator::may_check_now() {
  if (std::exchange(turn_, loop().now()) != loop().now()) checks_ = 0;
  return checks_++ < kChecksPerTurn;
}

std::optional<Finding> OAuthAuthenticator::found_at_once(std::string_view token) {
  switch (judge_of(token)) {
    case Judge::none:
      return refuse(token, kUnjudged);
    case Judge::account:
    case Judge::opaque:
      return std::nullopt;
    case Judge::issuers:
      break;
  }
  const base::TimePoint now = loop().now();
  if (!refused_checks().allows(RefusedChecks::kAtHead, now) || !may_check_now())
    return std::nullopt;
  auto outcome = issuers_->known(token);
  if (!outcome) return std::nullopt;
  if (outcome->said == Issuers::Outcome::Said::refused || outcome->early)
    refused_checks().note(RefusedChecks::kAtHead, now);
  Finding found = finding(token, *outcome);
  if (!is_exchanged(found)) return found;
  const auto subject = subject_of(token, outcome->claims.issuer, found);
  if (rules_.exchange->prepare(subject) != kube::config::CredentialState::ready)
    return std::nullopt;  // begin() waits for it, or says why there is none
  return found;
}

std::unique_ptr<TokenCheck> OAuthAuthenticator::begin(const std::string& token, Tells tells) {
  switch (const Judge judge = judge_of(token)) {
    case Judge::issuers:
      return std::make_unique<BySignature>(*this, token, tells);
    case Judge::account:
    case Judge::opaque:
      return std::make_unique<ByReview>(*this, token, judge, tells.found);
    case Judge::none:
      break;
  }
  return std::make_unique<Unjudged>(*this, token, tells.found);
}

std::optional<base::TimePoint> OAuthAuthenticator::end_of(std::optional<std::int64_t> exp) const {
  if (!exp) return std::nullopt;
  const base::Duration left = base::seconds(*exp) - base::Duration(loop().wall_now().ns);
  return loop().now() + left + rules_.skew;
}

Finding OAuthAuthenticator::finding(std::string_view token, const Issuers::Outcome& outcome) {
  using Said = Issuers::Outcome::Said;
  if (outcome.early) return not_yet(token, outcome);
  if (outcome.said == Said::unavailable) return unavailable(outcome.why, outcome.retry_after);
  if (outcome.no_user) return forbid(token, outcome.why);
  if (outcome.said == Said::refused) return refuse(token, outcome.why);
  const Claims& claims = outcome.claims;
  auto user = user_of(claims);
  if (!user) return forbid(token, user.error().what());
  Finding out{Finding::Said::accepted, {}, {}};
  const bool exchanged = rules_.exchange && rules_.exchange->serves(claims.issuer);
  out.caller.acts_as = exchanged ? exchanged_user(*user, claims) : std::move(user->acts_as);
  out.caller.identity = std::move(user->identity);
  out.caller.expires = end_of(claims.expires);
  out.caller.client_id = short_id(claims.client_id);
  out.caller.token_id = base::printable(claims.token_id, kShown);
  out.caller.scope = scope_of(claims.scopes);
  return out;
}

Finding OAuthAuthenticator::finding(std::string_view token, Judge judge,
                                    const TokenReview::Outcome& outcome) {
  using Said = TokenReview::Outcome::Said;
  if (outcome.said == Said::unavailable) return unavailable(outcome.why, outcome.retry_after);
  if (outcome.said == Said::refused) return refuse(token, outcome.why);
  const std::string_view name = outcome.user["username"].str();
  const bool account = judge == Judge::account;
  if (account && (!kube::config::is_service_account(name) || sub_of(token) != name))
    return refuse(token, "the API server gives it to another user than it names");
  auto user = user_of(outcome.user);
  if (!user) return forbid(token, user.error().what());
  const std::optional<base::TimePoint> end = end_of(jwt_end(token));
  if (account && (!end || *end <= loop().now())) return refuse(token, "it has expired");
  Finding out{Finding::Said::accepted, {}, {}};
  out.caller.identity = std::move(user->identity);
  out.caller.acts_as = std::move(user->acts_as);
  out.caller.expires = end;
  if (account) out.caller.client_id = pod_of(outcome.user);
  out.caller.token_id = id_of(token);
  return out;  // with every scope: what the cluster allows the user is what it may do
}

bool OAuthAuthenticator::is_exchanged(const Finding& finding) const {
  return finding.said == Finding::Said::accepted &&
         finding.caller.acts_as.view().starts_with(kube::config::kExchanged);
}

// What made room for others comes with the token, which is at hand.
bool OAuthAuthenticator::still_held(const mcp::Caller& caller) const {
  const std::string_view name = caller.acts_as.view();
  return !name.starts_with(kube::config::kExchanged) || rules_.exchange->knows(name);
}

ExchangedTokens::Subject OAuthAuthenticator::subject_of(std::string_view token,
                                                        const std::string& issuer,
                                                        const Finding& finding) {
  return {token, issuer, finding.caller.acts_as.view(), finding.caller.identity,
          *finding.caller.expires};
}

Finding OAuthAuthenticator::not_exchanged(std::string_view token, const base::Error& why,
                                          base::Duration pause) {
  const std::string text = "no token for the API server: " + why.what();
  if (why.code() == base::Errc::throttled)
    return {Finding::Said::unavailable, {}, {kTooManyRequests, {}, why.what() + "; try again"}};
  if (why.code() == base::Errc::unauthorized) {
    Finding out = refuse(token, text);
    out.refusal = metadata_.not_exchanged();
    return out;
  }
  if (why.code() != base::Errc::forbidden)
    return unavailable(text, std::max(pause, mcp::kTryAgain));
  Finding out = refuse(token, text);
  out.refusal = refused_before(kForbidden);
  return out;
}

mcp::Refusal OAuthAuthenticator::refused_before(int status) const {
  if (status != kForbidden) return metadata_.bad_token();
  return {kForbidden, {}, "the issuer of the access token gives its user none for the cluster"};
}

Finding OAuthAuthenticator::refuse(std::string_view token, std::string_view why) {
  const base::TimePoint now = loop().now();
  if (now - said_refused_ < kSayAgain) {
    LOG_DEBUG("token refused", {"token_digest", name_of(token)}, {"reason", why});
  } else {
    said_refused_ = now;
    LOG_INFO("token refused; others within a minute are logged at debug level",
             {"token_digest", name_of(token)}, {"reason", why});
  }
  return {Finding::Said::refused, {}, metadata_.bad_token()};
}

// A good token; whose it is, its caller knows.
Finding OAuthAuthenticator::forbid(std::string_view token, std::string_view why) {
  Finding out = refuse(token, why);
  out.refusal = {kForbidden, {}, "the server cannot act as the user of this access token: "};
  out.refusal.message += why;
  return out;
}

// Strangers can cause it with made-up tokens, so that it is no warning.
Finding OAuthAuthenticator::not_yet(std::string_view token, const Issuers::Outcome& outcome) {
  LOG_DEBUG("token not checked yet", {"token_digest", name_of(token)}, {"reason", outcome.why});
  Finding out{Finding::Said::unavailable,
              {},
              {503, {}, "the token cannot be checked now; try again", outcome.retry_after}};
  out.in_vain = true;
  return out;
}

Finding OAuthAuthenticator::unavailable(std::string_view why, base::Duration retry_after) {
  const base::TimePoint now = loop().now();
  if (now - said_ >= kSayAgain) {
    said_ = now;
    LOG_WARN("tokens cannot be checked", {"error", why});
  }
  return {Finding::Said::unavailable,
          {},
          {503, {}, "the token cannot be checked now; try again", retry_after}};
}

}  // namespace auth
