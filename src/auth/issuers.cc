#include "auth/issuers.h"

#include <algorithm>
#include <utility>

#include "auth/bearer.h"
#include "auth/token/claim_check.h"
#include "auth/token/jwt.h"
#include "base/check.h"
#include "base/list.h"
#include "base/text.h"

namespace auth {

using token::Jwt;
using token::KeyCache;
using token::KeySet;
using Outcome = Issuers::Outcome;

static_assert(token::kJwtBytes == kTokenBytes);

namespace {

constexpr base::Duration kFullRetry = base::seconds(1);
// Tokens whose signature is bad so far may take this many of the places for those that wait for keys.
constexpr std::size_t kForgedWaiters = kKeyWaiters / 4;

Outcome refused(std::string why) {
  return {.said = Outcome::Said::refused, .why = std::move(why)};
}

Outcome unavailable(std::string why, base::Duration retry_after) {
  return {.said = Outcome::Said::unavailable, .why = std::move(why), .retry_after = retry_after};
}

std::string key_text(const Jwt& jwt) {
  if (!jwt.kid) return "key for " + std::string(token::name_of(jwt.algorithm));
  return "key \"" + base::printable(*jwt.kid, token::kKeyIdShown) + "\"";
}

Outcome forged(const Jwt& jwt) {
  if (jwt.kid) return refused("the signature is not of " + key_text(jwt));
  return refused("it names no key, and the signature is of none of the first " +
                 std::to_string(token::kKeysTried) + " of its issuer that fit");
}

}  // namespace

struct Issuers::Impl {
  struct Wait;
  struct Issuer {
    Issuer(Impl& i, IssuerSettings s, const token::KeyCacheOptions& cache_options)
        : impl(i),
          settings(std::move(s)),
          cache(i.loop, i.resolver, settings, cache_options,
                KeyCache::Fn::bind<&Issuer::on_fetched>(this)) {}
    void on_fetched();

    Impl& impl;
    const IssuerSettings settings;
    KeyCache cache;
    base::List<Wait> waiting;
    std::size_t waiters = 0;
  };

  Impl(loop::Loop& l, net::Resolver& r, std::vector<IssuerSettings> settings, IssuersOptions o);
  Issuer* find(std::string_view issuer) const;
  std::optional<Outcome> judge(std::string_view text, bool fetched);
  std::optional<Outcome> judge_forged(const Jwt& jwt, Issuer& issuer, bool fetched);
  std::optional<Outcome> judge_unknown(const Jwt& jwt, Issuer& issuer, bool fetched);
  Outcome judge_claims(const Jwt& jwt, const Issuer& issuer) const;
  Outcome counted(Outcome outcome);
  void on_due();

  loop::Loop& loop;
  net::Resolver& resolver;
  const token::ClaimRules rules;
  Counts counts;
  std::vector<std::unique_ptr<Issuer>> issuers;
  base::List<Wait> due;
  loop::Deferred tell;
};

// Waits in its issuer's list, then in `due`; in neither when the Issuers are closed.
struct Issuers::Impl::Wait final : Pending, base::Link {
  Wait(Impl& i, std::string_view t, Fn f)
      : impl(&i),
        token(t),
        fn(f),
        patience(i.loop, "issuer patience", loop::Timer::Fn::bind<&Wait::on_patience>(this)) {
    ++i.counts.waiting;
  }
  ~Wait() override { end(); }
  void join(Issuer& one) {
    issuer = &one;
    ++one.waiters;
    one.waiting.add(*this);
    patience.arm(kKeyPatience);
  }
  void leave() {
    patience.cancel();
    unlink();
    if (issuer) --issuer->waiters;
    issuer = nullptr;
  }
  void end() {
    leave();
    if (impl) --impl->counts.waiting;
    impl = nullptr;
  }
  void settle(std::optional<Outcome> known) {
    leave();
    outcome = std::move(known);
    impl->due.add(*this);
    impl->tell.schedule();
  }
  void on_patience() {
    settle(unavailable("its issuer's keys are not there yet", issuer->cache.retry_after()));
  }

  Impl* impl;  // nullptr: there will be no outcome
  const std::string token;
  const Fn fn;
  Issuer* issuer = nullptr;  // whose keys it waits for
  std::optional<Outcome> outcome = {};
  loop::Timer patience;
};

Issuers::Impl::Impl(loop::Loop& l, net::Resolver& r, std::vector<IssuerSettings> settings,
                    IssuersOptions o)
    : loop(l),
      resolver(r),
      rules{std::move(o.audience), std::min(o.skew, kMostClockSkew)},
      tell(l, "issuer outcomes", loop::Deferred::Fn::bind<&Impl::on_due>(this)) {
  CHECK(!rules.audience.empty());
  const token::KeyCacheOptions cache_options{
      .user_agent = std::move(o.user_agent), .rules = o.rules, .getenv = o.getenv};
  for (IssuerSettings& each : settings)
    issuers.push_back(std::make_unique<Issuer>(*this, std::move(each), cache_options));
}

Issuers::Impl::Issuer* Issuers::Impl::find(std::string_view issuer) const {
  const auto at = std::find_if(issuers.begin(), issuers.end(), [issuer](const auto& each) {
    return each->settings.issuer == issuer;
  });
  return at == issuers.end() ? nullptr : at->get();
}

void Issuers::Impl::Issuer::on_fetched() {
  while (Wait* const first = waiting.first())
    first->settle(std::nullopt);
}

// `fetched`: a fetch has ended since the token came.
std::optional<Outcome> Issuers::Impl::judge(std::string_view text, bool fetched) {
  auto jwt = token::parse_jwt(text);
  if (!jwt) return refused("not a token that is understood: " + jwt.error().what());
  Issuer* const issuer = find(jwt->issuer());
  if (!issuer) return refused("of an issuer that is not configured");
  if ((issuer->settings.algorithms & token::bit(jwt->algorithm)) == 0) {
    return refused("algorithm " + std::string(token::name_of(jwt->algorithm)) +
                   " is not one of this issuer's");
  }
  const KeySet* const keys = issuer->cache.keys();
  switch (keys ? keys->verify(*jwt) : KeySet::Match::unknown) {
    case KeySet::Match::good:
      return judge_claims(*jwt, *issuer);
    case KeySet::Match::bad:
      return judge_forged(*jwt, *issuer, fetched);
    case KeySet::Match::unknown:
      break;
  }
  return judge_unknown(*jwt, *issuer, fetched);
}

// Its key may have been replaced under the same name. A forger gets no more fetches by this than by
// made-up names, and keeps none of the places from those who wait for a new key.
std::optional<Outcome> Issuers::Impl::judge_forged(const Jwt& jwt, Issuer& issuer, bool fetched) {
  const bool may_wait = !fetched && issuer.waiters < kForgedWaiters &&
                        issuer.cache.unknown(std::nullopt) == KeyCache::Unknown::wait;
  if (!may_wait || judge_claims(jwt, issuer).said == Outcome::Said::refused) return forged(jwt);
  return std::nullopt;
}

std::optional<Outcome> Issuers::Impl::judge_unknown(const Jwt& jwt, Issuer& issuer, bool fetched) {
  // What would be refused under any key is not worth a fetch; but only of a good token the caller may
  // read why its user is not taken.
  Outcome without_key = judge_claims(jwt, issuer);
  if (without_key.said == Outcome::Said::refused && !without_key.no_user) return without_key;
  if (fetched && issuer.cache.status().state == IssuerStatus::State::fresh) {
    issuer.cache.note_missing(jwt.kid);
    return refused("its issuer has no " + key_text(jwt));
  }
  const auto unknown = fetched ? KeyCache::Unknown::unavailable : issuer.cache.unknown(jwt.kid);
  switch (unknown) {
    case KeyCache::Unknown::wait:
      break;
    case KeyCache::Unknown::refuse:
      return refused("its issuer has no " + key_text(jwt));
    case KeyCache::Unknown::early: {
      Outcome out = unavailable("its issuer had no " + key_text(jwt) + " a moment ago",
                                issuer.cache.retry_after());
      out.early = true;
      return out;
    }
    case KeyCache::Unknown::unavailable:
      return unavailable("its issuer's keys cannot be fetched", issuer.cache.retry_after());
  }
  return std::nullopt;
}

Outcome Issuers::Impl::judge_claims(const Jwt& jwt, const Issuer& issuer) const {
  auto claims = token::check_claims(jwt, issuer.settings, rules, loop.wall_now());
  if (!claims) {
    Outcome out = refused(claims.error().what());
    out.no_user = claims.error().code() == base::Errc::forbidden;
    return out;
  }
  return {.said = Outcome::Said::accepted, .claims = *std::move(claims)};
}

Outcome Issuers::Impl::counted(Outcome outcome) {
  switch (outcome.said) {
    case Outcome::Said::accepted:
      ++counts.accepted;
      break;
    case Outcome::Said::refused:
      ++counts.refused;
      break;
    case Outcome::Said::unavailable:
      ++counts.unavailable;
      break;
  }
  return outcome;
}

void Issuers::Impl::on_due() {
  for (std::size_t told = 0; told < kOutcomesPerTurn; ++told) {
    Wait* const wait = due.first();
    if (!wait) return;
    std::optional<Outcome> outcome = std::move(wait->outcome);
    if (!outcome) outcome = judge(wait->token, true);
    wait->end();
    if (!due.empty()) tell.schedule();
    const Fn fn = wait->fn;
    fn(counted(*std::move(outcome)));
  }
}

Issuers::Issuers(loop::Loop& loop, net::Resolver& resolver, std::vector<IssuerSettings> settings,
                 IssuersOptions options)
    : impl_(std::make_unique<Impl>(loop, resolver, std::move(settings), std::move(options))) {}

Issuers::~Issuers() {
  close();
}

void Issuers::start() {
  for (const auto& each : impl_->issuers)
    each->cache.start();
}

void Issuers::close() {
  impl_->tell.cancel();
  while (Impl::Wait* const wait = impl_->due.first())
    wait->end();
  for (const auto& each : impl_->issuers) {
    each->cache.close();
    while (Impl::Wait* const wait = each->waiting.first())
      wait->end();
  }
}

bool Issuers::owns(std::string_view token) const {
  const std::string issuer = token::unverified_issuer(token);
  return !issuer.empty() && impl_->find(issuer) != nullptr;
}

std::optional<Outcome> Issuers::known(std::string_view token) {
  auto outcome = impl_->judge(token, false);
  return outcome ? impl_->counted(*std::move(outcome)) : std::move(outcome);
}

std::unique_ptr<Issuers::Pending> Issuers::verify(std::string_view token, Fn fn) {
  auto wait = std::make_unique<Impl::Wait>(*impl_, token, fn);
  auto outcome = impl_->judge(token, false);
  Impl::Issuer* const issuer = outcome ? nullptr : impl_->find(token::unverified_issuer(token));
  if (issuer && issuer->waiters < kKeyWaiters) {
    wait->join(*issuer);
    issuer->cache.want();
  } else {
    if (!outcome) outcome = unavailable("too many tokens wait for its issuer's keys", kFullRetry);
    wait->settle(std::move(outcome));
  }
  return wait;
}

std::uint64_t Issuers::generation() const {
  std::uint64_t sum = 0;
  for (const auto& each : impl_->issuers)
    sum += each->cache.generation();
  return sum;
}

std::vector<IssuerStatus> Issuers::status() const {
  std::vector<IssuerStatus> all;
  for (const auto& each : impl_->issuers)
    all.push_back(each->cache.status());
  return all;
}

Issuers::Counts Issuers::counts() const {
  return impl_->counts;
}

}  // namespace auth
