#include "auth/token/key_cache.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "base/text.h"

namespace auth::token {

using base::Errc;
using base::Error;
using base::Result;
using State = IssuerStatus::State;

namespace {
constexpr std::size_t kProblemBytes = 300;
constexpr double kRefreshJitter = 0.1;
}  // namespace

std::string_view to_string(State state) {
  constexpr std::string_view kWords[] = {"empty", "fresh", "stale", "failed"};
  return kWords[static_cast<std::size_t>(state)];
}

KeyCache::KeyCache(loop::Loop& loop, net::Resolver& resolver, const IssuerSettings& settings,
                   KeyCacheOptions options, Fn fn)
    : loop_(loop),
      settings_(settings),
      options_(std::move(options)),
      fn_(fn),
      fetch_(loop, resolver, DocumentFetch::Fn::bind<&KeyCache::on_document>(this)),
      refresh_(loop, "issuer refresh", loop::Timer::Fn::bind<&KeyCache::on_refresh>(this)),
      expiry_(loop, "issuer keys' end", loop::Timer::Fn::bind<&KeyCache::on_expiry>(this)) {}

void KeyCache::start() {
  begin(true);
}

void KeyCache::close() {
  closed_ = true;
  step_ = Step::idle;
  fetch_.cancel();
  refresh_.cancel();
  expiry_.cancel();
}

bool KeyCache::Notes::has(std::string_view kid, base::TimePoint now) const {
  return std::any_of(all.begin(), all.end(),
                     [&](const Noted& one) { return one.kid == kid && one.until > now; });
}

void KeyCache::Notes::add(std::string_view kid, base::TimePoint until) {
  all[next] = {std::string(kid), until};
  next = (next + 1) % kMissing;
}

KeyCache::Unknown KeyCache::unknown(const std::optional<std::string>& kid) const {
  if (closed_) return Unknown::unavailable;
  const bool missing = kid && missing_.has(*kid, loop_.now());
  if (state_ == State::fresh && missing) return Unknown::refuse;
  if (step_ != Step::idle || state_ == State::empty) return Unknown::wait;
  if (state_ != State::fresh) return Unknown::unavailable;
  return loop_.now() - *begun_ < kUnknownKeyInterval ? Unknown::early : Unknown::wait;
}

void KeyCache::want() {
  if (step_ == Step::idle) begin(false);
}

void KeyCache::note_missing(const std::optional<std::string>& kid) {
  if (kid && !former_.has(*kid, loop_.now())) missing_.add(*kid, loop_.now() + kMissingKept);
}

base::Duration KeyCache::retry_after() const {
  base::Duration left =
      refresh_.armed() ? refresh_.deadline() - loop_.now() : base::Duration::zero();
  if (state_ == State::fresh) left = std::min(left, *begun_ + kUnknownKeyInterval - loop_.now());
  return std::max<base::Duration>(left, base::seconds(1));
}

IssuerStatus KeyCache::status() const {
  IssuerStatus s{.issuer = settings_.issuer, .state = state_};
  s.fetching = step_ != Step::idle;
  s.keys = keys_ ? keys_->size() : 0;
  if (fetched_) s.age = loop_.now() - *fetched_;
  s.fetches = fetches_;
  s.failures = failures_;
  s.problem = problem_;
  return s;
}

void KeyCache::begin(bool with_metadata) {
  if (closed_ || step_ != Step::idle) return;
  refresh_.cancel();
  begun_ = loop_.now();
  metadata_read_ = false;
  ++fetches_;
  if (!settings_.jwks_uri.empty()) return ask(Step::keys, settings_.jwks_uri);
  const bool known = !endpoint_.empty() && loop_.now() < metadata_due_;
  if (!with_metadata && known) return ask(Step::keys, endpoint_);
  form_ = 0;
  public_only_ = false;
  ask(Step::metadata, metadata_urls(settings_.issuer)[form_]);
}

void KeyCache::ask(Step step, std::string url) {
  step_ = step;
  fetch_.start({.url = std::move(url),
                .ca_file = settings_.ca_file,
                .user_agent = options_.user_agent,
                .public_only = step == Step::keys && public_only_,
                .getenv = options_.getenv});
}

void KeyCache::on_document(Result<FetchedDocument> result) {
  if (step_ == Step::metadata) {
    if (auto ok = on_metadata(std::move(result)); !ok) fail(ok.error());
  } else if (!result) {
    fail(std::move(result).error().within("key set"));
  } else if (auto keys = KeySet::parse(result->body); !keys) {
    fail(std::move(keys).error().within("key set"));
  } else {
    take(*std::move(keys), result->max_age);
  }
  if (step_ == Step::idle) fn_();
}

Result<void> KeyCache::on_metadata(Result<FetchedDocument> result) {
  const auto forms = metadata_urls(settings_.issuer);
  if (!result) {
    if (result.error().code() != Errc::not_found || ++form_ == forms.size())
      return std::move(result).error().within("metadata");
    ask(Step::metadata, forms[form_]);
    return {};
  }
  auto uri = jwks_uri_of(result->body, settings_.issuer, options_.rules);
  if (!uri) return std::move(uri).error().within("metadata");
  endpoint_ = *std::move(uri);
  metadata_read_ = true;
  public_only_ = result->public_server;
  ask(Step::keys, endpoint_);
  return {};
}

void KeyCache::take(KeySet keys, std::optional<base::Duration> max_age) {
  step_ = Step::idle;
  if (!keys_ || !keys_->same_keys(keys)) {
    ++generation_;
    if (keys_) {
      for (const std::string& kid : keys_->names_not_in(keys))
        former_.add(kid, loop_.now() + kFormerKept);
    }
    LOG_INFO("issuer keys", {"issuer", settings_.issuer}, {"keys", keys.size()});
    for (const std::string& note : keys.notes())
      LOG_WARN("issuer key not used", {"issuer", settings_.issuer}, {"why", note});
  } else if (state_ != State::fresh) {
    LOG_INFO("issuer reached again", {"issuer", settings_.issuer});
  }
  keys_ = std::move(keys);
  state_ = State::fresh;
  problem_.clear();
  backoff_.reset();
  fetched_ = loop_.now();
  expiry_.arm(kKeysKept);
  const base::Duration wanted = std::clamp<base::Duration>(max_age.value_or(base::Duration::zero()),
                                                           kLeastRefresh, kMostRefresh);
  if (metadata_read_) metadata_due_ = loop_.now() + wanted;
  refresh_.arm(wanted - std::chrono::duration_cast<base::Duration>(wanted * kRefreshJitter *
                                                                   random_.unit()));
}

void KeyCache::fail(const Error& error) {
  step_ = Step::idle;
  ++failures_;
  std::string problem = base::printable(error.what(), kProblemBytes);
  // Once for each outage, and again when its cause changes.
  if (problem != problem_)
    LOG_WARN("issuer keys cannot be fetched", {"issuer", settings_.issuer}, {"error", problem});
  problem_ = std::move(problem);
  state_ = keys_ ? State::stale : State::failed;
  refresh_.arm(
      std::max(backoff_.next(random_), fetch_.retry_after().value_or(base::Duration::zero())));
}

void KeyCache::on_expiry() {
  LOG_WARN("issuer keys are too old", {"issuer", settings_.issuer}, {"error", problem_});
  keys_.reset();
  ++generation_;
  state_ = State::failed;
}

}  // namespace auth::token
