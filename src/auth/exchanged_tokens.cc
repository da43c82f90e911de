#include "auth/exchanged_tokens.h"

#include <algorithm>
#include <utility>

#include "auth/bearer.h"
#include "base/check.h"
#include "base/log.h"

namespace auth {

using base::Errc;
using base::Error;
using kube::config::CredentialState;
using kube::config::Waiter;
using token::Exchange;
using token::ExchangedToken;

namespace {

constexpr int kLifeQuarters = 4;
constexpr base::Duration kSayAgain = base::minutes(1);

// Frees the heap's copy, which wipes it.
void let_go(std::string& text) {
  std::string().swap(text);
}

}  // namespace

struct ExchangedTokens::Entry : base::Link {
  Entry(ExchangedTokens& o, const Subject& subject)
      : owner(o),
        hash(token_hash(subject.token)),
        name(subject.name),
        site(o.sites_.find(subject.issuer)->second),
        subject_token(subject.token),
        subject_end(subject.end) {}
  ~Entry() { unlink(); }
  void on_exchanged(base::Result<ExchangedToken> result) { owner.settle(*this, std::move(result)); }
  bool good() const { return !token.empty() && owner.loop_.now() < end; }
  bool busy() const { return exchange || queued; }
  std::size_t bytes() const { return subject_token.size() + token.size() + name.size(); }

  ExchangedTokens& owner;
  const TokenHash hash;
  const std::string name;
  token::ExchangeSite& site;
  const std::string subject_token;
  const base::TimePoint subject_end;
  std::string token;             // "": none
  base::TimePoint end{}, due{};  // of `token`
  std::uint64_t stamp = 0;       // of `token`
  std::optional<Error> failed;   // the last exchange
  base::TimePoint pause{};       // until the next one
  base::TimePoint untaken{};     // no renewal for a 401 before
  base::TimePoint used{};
  watchutil::Backoff backoff;
  bool queued = false;  // in line_
  std::unique_ptr<Exchange> exchange;
  kube::config::Waiters waiters;  // some only while it is busy
};

ExchangedTokens::ExchangedTokens(loop::Loop& loop, net::Resolver& resolver,
                                 const std::vector<token::IssuerSettings>& issuers,
                                 const Options& options)
    : loop_(loop),
      resolver_(resolver),
      limits_(options.limits),
      error_(Errc::unavailable, "no exchange was made"),
      sweep_(loop, "exchanged tokens", loop::Timer::Fn::bind<&ExchangedTokens::on_sweep>(this)) {
  for (const token::IssuerSettings& each : issuers) {
    if (!each.exchange) continue;
    sites_.emplace(each.issuer, token::ExchangeSite{.settings = each,
                                                    .user_agent = options.user_agent,
                                                    .rules = options.rules,
                                                    .getenv = options.getenv});
  }
}

ExchangedTokens::~ExchangedTokens() {
  close();
}

void ExchangedTokens::close() {
  closed_ = true;
  sweep_.cancel();
  // Not retired: until the end of the turn it could still be called. None is on the stack, since
  // settle() has taken it before it tells anything.
  for (auto& [hash, entry] : entries_)
    entry->exchange.reset();
}

// ---- which token

ExchangedTokens::Entry* ExchangedTokens::find(std::string_view name) const {
  const auto at = in_use_.find(name);
  return at == in_use_.end() ? nullptr : at->second;
}

// The entry to use for a name; another than before when that one's token counts no longer.
ExchangedTokens::Entry* ExchangedTokens::best(std::string_view name) {
  const auto counts = [this](const Entry& entry) { return loop_.now() < entry.subject_end; };
  Entry* now = find(name);
  if (now && now->good()) return now;
  for (const auto& [hash, entry] : entries_) {
    if (entry->name != name || !counts(*entry)) continue;
    const bool poor = !now || !counts(*now) || (now->failed && !entry->failed);
    if (poor || entry->good()) now = entry.get();
    if (now->good()) break;
  }
  if (now) in_use_.insert_or_assign(std::string(name), now);
  return now;
}

ExchangedTokens::Entry& ExchangedTokens::entry_of(const Subject& subject) {
  std::unique_ptr<Entry>& entry = entries_[token_hash(subject.token)];
  if (!entry) {
    entry = std::make_unique<Entry>(*this, subject);
    bytes_ += entry->bytes();
    if (!sweep_.armed()) sweep_.arm(kSweep);
  }
  return *entry;
}

void ExchangedTokens::put_in_use(Entry& entry) {
  Entry* const now = find(entry.name);
  if (now == &entry || (now && now->good() && now->subject_end > entry.subject_end)) return;
  in_use_.insert_or_assign(entry.name, &entry);
}

// ---- a token for a request

CredentialState ExchangedTokens::prepare(const Subject& subject) {
  Entry& entry = entry_of(subject);
  const State state = prepare(entry);
  if (state == State::ready) put_in_use(entry);
  make_room(entry);
  return state;
}

CredentialState ExchangedTokens::prepare(std::string_view name) {
  if (Entry* const entry = best(name)) return prepare(*entry);
  error_ = Error(Errc::unavailable,
                 "the caller's token is not held here any more; its next request brings it");
  return State::failed;
}

CredentialState ExchangedTokens::prepare(Entry& entry) {
  const base::TimePoint now = loop_.now();
  entry.used = now;
  order_.move_here(entry);
  const bool good = entry.good();
  if (good && now < entry.due) return State::ready;
  const bool may_begin = !closed_ && !entry.busy() && now >= entry.pause;
  if (may_begin && now < entry.subject_end) begin(entry);
  if (good) return State::ready;
  if (entry.busy()) return State::running;
  error_ =
      entry.failed ? *entry.failed : Error(Errc::unauthorized, "the caller's token has expired");
  return State::failed;
}

void ExchangedTokens::wait(const Subject& subject, Waiter& waiter) {
  entries_.find(token_hash(subject.token))->second->waiters.add(waiter);
}

void ExchangedTokens::wait(std::string_view name, Waiter& waiter) {
  find(name)->waiters.add(waiter);
}

const std::string& ExchangedTokens::token(std::string_view name) const {
  const Entry* const entry = find(name);
  CHECK(entry);
  return entry->token;
}

std::uint64_t ExchangedTokens::stamp(std::string_view name) const {
  const Entry* const entry = find(name);
  return entry ? entry->stamp : 0;
}

bool ExchangedTokens::refused(std::string_view name, std::uint64_t stamp) {
  Entry* const entry = find(name);
  if (!entry) return false;
  if (entry->token.empty()) return true;  // another request was refused it before
  if (entry->stamp != stamp) return entry->good();
  const base::TimePoint now = loop_.now();
  if (now < entry->untaken) return false;
  entry->untaken = now + kUntakenPause;
  bytes_ -= entry->token.size();
  let_go(entry->token);
  return true;
}

// ---- exchanges

void ExchangedTokens::begin(Entry& entry) {
  if (under_way_ >= limits_.under_way) {
    entry.queued = true;
    line_.push_back(entry.hash);
    return;
  }
  ++under_way_;
  entry.exchange = std::make_unique<Exchange>(loop_, resolver_, entry.site,
                                              Exchange::Fn::bind<&Entry::on_exchanged>(&entry));
  entry.exchange->start(entry.subject_token);
}

void ExchangedTokens::start_next() {
  while (under_way_ < limits_.under_way && !line_.empty()) {
    const auto at = entries_.find(line_.front());
    line_.pop_front();
    CHECK(at != entries_.end());  // what is queued is not let go
    at->second->queued = false;
    begin(*at->second);
  }
}

void ExchangedTokens::settle(Entry& entry, base::Result<ExchangedToken> result) {
  --under_way_;
  loop_.retire(std::move(entry.exchange));
  if (result) {
    take(entry, *std::move(result));
  } else {
    const Error& why = result.error();
    const bool refused = why.code() == Errc::unauthorized || why.code() == Errc::forbidden;
    ++(refused ? counts_.refused : counts_.failed);
    say(entry.site.settings.issuer, why, refused);
    entry.failed = why;
    entry.pause = loop_.now() + (refused ? kRefusedPause : entry.backoff.next(random_));
    if (refused) {
      bytes_ -= entry.token.size();
      let_go(entry.token);
    }
  }
  start_next();
  entry.waiters.wake();  // may let the entry go
}

// A refusal is the caller's trouble, which the check of its token says, too.
void ExchangedTokens::say(const std::string& issuer, const Error& why, bool refused) {
  if (refused || loop_.now() - said_ < kSayAgain) {
    LOG_DEBUG("token not exchanged", {"issuer", issuer}, {"error", why});
    return;
  }
  said_ = loop_.now();
  LOG_WARN("tokens cannot be exchanged; others within a minute are logged at debug level",
           {"issuer", issuer}, {"error", why});
}

void ExchangedTokens::take(Entry& entry, ExchangedToken got) {
  const base::TimePoint now = loop_.now();
  base::Duration life = got.lifetime.value_or(kUnknownLife);
  if (const auto exp = jwt_end(got.token)) {
    const base::Duration left = base::seconds(*exp) - base::Duration(loop_.wall_now().ns);
    life = got.lifetime ? std::min(life, left) : left;
  }
  // One that lasts for seconds is used for most of them, not renewed with each request.
  const base::Duration margin = std::min<base::Duration>(kTokenEnd, life / kLifeQuarters);
  const base::Duration ahead = std::min<base::Duration>(kRenewAhead, life / kLifeQuarters);
  if (life <= base::Duration::zero()) {
    ++counts_.failed;
    entry.failed = Error(Errc::unavailable, "the issuer's token has expired already");
    say(entry.site.settings.issuer, *entry.failed, false);
    entry.pause = now + entry.backoff.next(random_);
    return;
  }
  bytes_ += got.token.size() - entry.token.size();
  let_go(entry.token);
  entry.token = std::move(got.token);
  entry.end = std::min(now + (life - margin), entry.subject_end);
  entry.due = now + (life - margin - ahead);
  entry.stamp = ++stamps_;
  entry.failed.reset();
  entry.pause = {};
  entry.backoff.reset();
  ++counts_.exchanged;
  put_in_use(entry);
}

// ---- letting go

void ExchangedTokens::drop(Entry& entry) {
  bytes_ -= entry.bytes();
  if (find(entry.name) == &entry) in_use_.erase(in_use_.find(entry.name));
  entries_.erase(TokenHash(entry.hash));
}

// Those under way stay: no more of them are new than tokens are checked at once.
void ExchangedTokens::make_room(const Entry& keep) {
  const auto full = [this] { return entries_.size() > limits_.tokens || bytes_ > limits_.bytes; };
  for (Entry& entry : order_) {
    if (!full()) return;
    if (!entry.busy() && &entry != &keep) drop(entry);
  }
}

void ExchangedTokens::on_sweep() {
  const base::TimePoint now = loop_.now();
  for (Entry& entry : order_) {
    const bool over = entry.subject_end <= now || now - entry.used >= kUnused;
    if (over && !entry.busy()) drop(entry);
  }
  if (!entries_.empty()) sweep_.arm(kSweep);
}

ExchangedTokens::Counts ExchangedTokens::counts() const {
  Counts out = counts_;
  out.kept = entries_.size();
  out.under_way = under_way_;
  return out;
}

}  // namespace auth
