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
using token::ExchangedToken;

namespace {

constexpr int kLifeQuarters = 4;
// What waits always has room.
static_assert(kExchangesWaiting < kExchangedTokens &&
              kExchangesWaiting * kTokenBytes <= kExchangedTokensBytes / 2);
constexpr base::Duration kSayAgain = base::minutes(1);
constexpr std::string_view kFailed =
    "the issuer could not exchange the caller's token; the server's log says why";

// Frees the heap's copy, which wipes it.
void let_go(std::string& text) {
  std::string().swap(text);
}

// What a caller may read of it.
Error told_to_caller(const Error& why, std::string_view said) {
  if (why.code() == Errc::unauthorized)
    return Error(why.code(),
                 "the issuer does not exchange the caller's token: " + std::string(said));
  if (why.code() == Errc::forbidden)
    return Error(why.code(),
                 "the issuer gives the caller none for the cluster: " + std::string(said));
  return Error(Errc::unavailable, std::string(kFailed));
}

template <class T>
void take_out(std::vector<T*>& all, const T& one) {
  all.erase(std::find(all.begin(), all.end(), &one));
}

}  // namespace

struct ExchangedTokens::Entry : base::Link {
  Entry(ExchangedTokens& o, const Subject& subject)
      : owner(o),
        hash(token_hash(subject.token)),
        name(subject.name),
        caller(subject.caller),
        subject_token(subject.token),
        subject_end(subject.end),
        job(o.line_, subject.issuer, ExchangeLine::Job::Fn::bind<&Entry::on_exchanged>(this)) {}
  ~Entry() { unlink(); }
  void on_exchanged(token::ExchangeOutcome outcome) { owner.settle(*this, std::move(outcome)); }
  bool good() const { return !token.empty() && owner.loop_.now() < end; }
  bool busy() const { return job.busy(); }
  std::size_t bytes() const { return subject_token.size() + token.size() + name.size(); }

  ExchangedTokens& owner;
  const TokenHash hash;
  const std::string name, caller;
  const std::string subject_token;
  const base::TimePoint subject_end;
  std::string token;             // "": none
  base::TimePoint end{}, due{};  // of `token`
  std::uint64_t stamp = 0;       // of `token`
  std::optional<Error> failed;   // the last exchange, in words for the caller
  base::TimePoint pause{};       // until the next one
  base::TimePoint untaken{};     // no renewal for a 401 before
  base::TimePoint used{};
  watchutil::Backoff backoff;
  bool tried = false;  // an exchange of it was in the line
  ExchangeLine::Job job;
  kube::config::Waiters waiters;  // some only while it is busy
};

ExchangedTokens::ExchangedTokens(loop::Loop& loop, net::Resolver& resolver,
                                 const std::vector<token::IssuerSettings>& issuers,
                                 const Options& options)
    : loop_(loop),
      limits_(options.limits),
      line_(loop, resolver, issuers,
            {.user_agent = options.user_agent,
             .rules = options.rules,
             .getenv = options.getenv,
             .limits = options.limits.line}),
      error_(Errc::unavailable, "no exchange was made"),
      sweep_(loop, "exchanged tokens", loop::Timer::Fn::bind<&ExchangedTokens::on_sweep>(this)) {}

ExchangedTokens::~ExchangedTokens() {
  close();
}

void ExchangedTokens::close() {
  closed_ = true;
  sweep_.cancel();
  for (auto& [hash, entry] : entries_)
    line_.end(entry->job);
}

// ---- which token

ExchangedTokens::Entry* ExchangedTokens::find(std::string_view name) const {
  const auto at = names_.find(name);
  return at == names_.end() ? nullptr : at->second.in_use;
}

// The entry to use for a name; another than before when that one's token counts no longer.
ExchangedTokens::Entry* ExchangedTokens::best(std::string_view name) {
  const auto counts = [this](const Entry& entry) { return loop_.now() < entry.subject_end; };
  const auto at = names_.find(name);
  if (at == names_.end()) return nullptr;
  Entry*& now = at->second.in_use;
  if (!now) now = at->second.entries.front();
  if (now->good()) return now;
  for (Entry* const entry : at->second.entries) {
    if (!counts(*entry)) continue;
    const bool poor = !counts(*now) || (now->failed && !entry->failed);
    if (poor || entry->good()) now = entry;
    if (now->good()) break;
  }
  return now;
}

// nullptr: there is no room for it.
ExchangedTokens::Entry* ExchangedTokens::entry_of(const Subject& subject) {
  const TokenHash hash = token_hash(subject.token);
  if (const auto at = entries_.find(hash); at != entries_.end()) return at->second.get();
  if (!has_room_for(subject.caller)) return nullptr;
  auto entry = std::make_unique<Entry>(*this, subject);
  Entry& made = *entry;
  entries_.emplace(hash, std::move(entry));
  names_[made.name].entries.push_back(&made);
  callers_[made.caller].push_back(&made);
  bytes_ += made.bytes();
  if (!sweep_.armed()) sweep_.arm(kSweep);
  return &made;
}

void ExchangedTokens::put_in_use(Entry& entry) {
  Entry* const now = find(entry.name);
  if (now == &entry || (now && now->good() && now->subject_end > entry.subject_end)) return;
  names_.find(entry.name)->second.in_use = &entry;
}

// ---- a token for a request

CredentialState ExchangedTokens::prepare(const Subject& subject) {
  pause_ = {};
  Entry* const entry = entry_of(subject);
  if (!entry) {
    error_ = Error(Errc::throttled, "too many of the caller's tokens are being exchanged");
    return State::failed;
  }
  const State state = prepare(*entry);
  if (state == State::ready) put_in_use(*entry);
  if (state == State::failed && !entry->tried) {
    drop(*entry);
  } else {
    make_room(*entry);
  }
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
  const bool over = now >= entry.subject_end;
  const bool may_begin = !closed_ && !over && !entry.busy() && now >= entry.pause;
  if (may_begin) {
    if (auto why = line_.enter(entry.job, entry.caller, entry.subject_token))
      entry.failed = *std::move(why);
    entry.tried |= entry.busy();
  }
  if (good) return State::ready;
  if (entry.busy()) return State::running;
  if (over) {
    error_ = Error(Errc::unauthorized, "the caller's token has expired");
  } else {
    error_ = entry.failed.value_or(Error(Errc::unavailable, std::string(kFailed)));
    pause_ = std::max({entry.pause, entry.job.pause(), now}) - now;
  }
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

void ExchangedTokens::settle(Entry& entry, token::ExchangeOutcome outcome) {
  if (outcome.got) {
    take(entry, *std::move(outcome.got));
  } else {
    fail(entry, outcome);
  }
  entry.waiters.wake();  // may let the entry go
}

void ExchangedTokens::fail(Entry& entry, const token::ExchangeOutcome& outcome) {
  const Error& why = outcome.got.error();
  const bool refused = why.code() == Errc::unauthorized || why.code() == Errc::forbidden;
  ++(refused ? counts_.refused : counts_.failed);
  say(entry.job.issuer(), why, refused);
  entry.failed = told_to_caller(why, outcome.said);
  entry.pause = loop_.now() + (refused ? kRefusedPause : entry.backoff.next(random_));
  if (!refused) return;
  bytes_ -= entry.token.size();
  let_go(entry.token);
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
    entry.failed = Error(Errc::unavailable, std::string(kFailed));
    say(entry.job.issuer(), Error(Errc::unavailable, "the issuer's token has expired already"),
        false);
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
  const auto name = names_.find(entry.name);
  take_out(name->second.entries, entry);
  if (name->second.in_use == &entry) name->second.in_use = nullptr;
  if (name->second.entries.empty()) names_.erase(name);
  const auto caller = callers_.find(entry.caller);
  take_out(caller->second, entry);
  if (caller->second.empty()) callers_.erase(caller);
  entries_.erase(TokenHash(entry.hash));
}

// A caller that has its share lets go of the one that it used longest ago.
bool ExchangedTokens::has_room_for(std::string_view caller) {
  const auto at = callers_.find(caller);
  if (at == callers_.end() || at->second.size() < limits_.tokens_of_caller) return true;
  Entry* oldest = nullptr;
  for (Entry* const entry : at->second)
    if (!entry->busy() && (!oldest || entry->used < oldest->used)) oldest = entry;
  if (oldest) drop(*oldest);
  return oldest != nullptr;
}

// Those under way stay: their number is bounded, and less than what may be kept.
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
  const ExchangeLine::Counts line = line_.counts();
  out.full = line.full;
  out.under_way = line.under_way;
  out.waiting = line.waiting;
  return out;
}

}  // namespace auth
