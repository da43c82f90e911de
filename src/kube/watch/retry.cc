#include "kube/watch/retry.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/log.h"

namespace kube::watch {

using base::Duration;
using watchutil::CircuitBreaker;

Retry::Retry(std::string key, const RetryParameters& parameters, loop::Loop& loop,
             WatchCounts* counts, std::uint64_t seed)
    : key_(std::move(key)),
      loop_(loop),
      random_(seed ^ std::hash<std::string>()(key_)),
      backoff_(parameters.backoff),
      breaker_(parameters.breaker),
      counts_(counts),
      jitter_(parameters.backoff.jitter) {}

void Retry::note_change(CircuitBreaker::State before) {
  const CircuitBreaker::State after = state();
  if (after == before) return;
  if (counts_) ++counts_->breaker_changes[static_cast<std::size_t>(after)];
  const base::WallTime retry_at{loop_.wall_now().ns + retry_after().count()};
  LOG_INFO("circuit breaker", {"breaker", watchutil::to_string(after)}, {"watch", key_},
           {"failures", breaker_.failures()}, {"retry_at", base::format_rfc3339(retry_at, 3)});
}

base::Duration Retry::held_back() const {
  return std::max(retry_after(), not_before_ - loop_.now());
}

base::Duration Retry::next_attempt_in() const {
  return std::max(held_back(), next_start_ - loop_.now());
}

base::Duration Retry::jitter(Duration of) {
  return Duration(
      static_cast<std::int64_t>(static_cast<double>(of.count()) * jitter_ * random_.unit()));
}

bool Retry::allow(Floor floor) {
  const base::TimePoint now = loop_.now();
  if (now < not_before_ || (floor == Floor::keep && now < next_start_)) return false;
  // Open becomes half-open by time alone; the change is logged when the single attempt starts.
  const bool waited = state() == CircuitBreaker::State::half_open;
  const bool allowed = breaker_.allow(now);
  if (allowed && waited) note_change(CircuitBreaker::State::open);
  if (allowed && floor == Floor::keep) {
    last_start_ = now;
    next_start_ = now + watchutil::kStartFloor + jitter(watchutil::kStartFloor);
  }
  return allowed;
}

Permit Retry::ask(Floor floor) {
  if (allow(floor)) return {Attempt(*this, attempt()), {}, false};
  Permit no;
  no.blocked = !breaker_.allows(loop_.now());
  no.wait = floor == Floor::keep ? next_attempt_in() : held_back();
  std::string_view why = "the last start was just now";
  if (held_back() > Duration::zero()) {
    why = no.blocked ? "the circuit breaker is open" : "an earlier attempt failed";
  } else if (no.blocked) {
    why = "the single trial is in progress";
    no.wait = watchutil::kStartFloor + jitter(watchutil::kStartFloor);
  }
  LOG_DEBUG("watch attempt waits", {"delay_ms", base::to_ms(no.wait)}, {"watch", key_},
            {"breaker", watchutil::to_string(state())}, {"why", why});
  return no;
}

void Retry::succeeded(std::uint64_t attempt) {
  const CircuitBreaker::State before = state();
  breaker_.record_success(loop_.now(), attempt);
  if (state() == CircuitBreaker::State::closed) {
    backoff_.reset();
    begun_at_failure_ = 0;
    not_before_ = asked_until_;
  }
  note_change(before);
}

// The key waits for the latest of all requested times, so that a later failure shortens nothing.
base::Duration Retry::hold(const Failure& why, Duration delay) {
  const base::TimePoint now = loop_.now();
  if (why.retry_after) asked_until_ = std::max(asked_until_, now + *why.retry_after);
  not_before_ = std::max(not_before_, now + delay);
  delay = next_attempt_in();
  note_refusal(why, delay, backoff_.failures());
  if (counts_) counts_->delays.observe(delay);
  return delay;
}

base::Duration Retry::failed(const Failure& why, Duration at_least, std::uint64_t attempt) {
  const CircuitBreaker::State before = state();
  Duration delay = std::max(at_least, why.retry_after.value_or(Duration::zero()));
  Duration spread{};
  if (breaker_.record_failure(loop_.now(), attempt)) {
    const Duration drawn = backoff_.next(random_);
    begun_at_failure_ = breaker_.attempt();
    delay = std::max(delay, backoff_.delay());
    spread = drawn - backoff_.delay();
  }
  delay = hold(why, std::max(delay, retry_after()) + spread);
  note_change(before);
  return delay;
}

base::Duration Retry::broke(const Failure& why, Duration at_least, std::uint64_t attempt) {
  churn_.ended(loop_.now());
  at_least = std::max(at_least, last_start_ + churn_.floor(loop_.now()) - loop_.now());
  if (attempt > begun_at_failure_) return failed(why, at_least, attempt);
  const Duration delay = std::max(at_least, why.retry_after.value_or(watchutil::kStartFloor));
  return hold(why, delay + jitter(watchutil::kStartFloor));
}

base::Duration Retry::ended(std::string_view how, const Failure* why) {
  const base::TimePoint now = loop_.now();
  churn_.ended(now);
  const Duration floor = churn_.floor(now);
  if (floor > watchutil::kStartFloor)
    next_start_ = std::max(next_start_, last_start_ + floor + jitter(floor));
  if (why) note_error(why->code);
  const Duration delay = std::max(Duration::zero(), next_attempt_in());
  LOG_DEBUG("watch ended", {"delay_ms", base::to_ms(delay)}, {"watch", key_}, {"how", how},
            {"error", why ? std::string_view(why->message) : std::string_view()});
  return delay;
}

void Retry::put_off(Duration delay) {
  not_before_ = std::max(not_before_, loop_.now() + delay);
}

void Retry::note_error(base::Errc code) {
  if (counts_) ++counts_->errors[static_cast<std::size_t>(code)];
}

void Retry::note_restart() {
  if (counts_) ++counts_->restarts;
}

void Retry::cancelled(std::uint64_t attempt) {
  breaker_.cancel(attempt);
}

void Retry::note_refusal(const Failure& why, base::Duration delay, std::uint64_t nth) {
  note_error(why.code);
  LOG_DEBUG("watch attempt failed", {"delay_ms", base::to_ms(delay)}, {"attempt", nth},
            {"watch", key_}, {"error", why.message});
}

struct RetryTable::Entry : base::Link {
  Entry(RetryTable& table_in, Retry retry_in) : retry(std::move(retry_in)), table(table_in) {}
  // Includes the table's overhead for the entry.
  std::size_t bytes() const { return sizeof(Entry) + retry.key().capacity() + kNodeBytes; }
  static constexpr std::size_t kNodeBytes = 64;
  Retry retry;
  RetryTable& table;
  base::TimePoint used{};  // when the last Use ended
  int uses = 0;
};

RetryTable::RetryTable(const RetryParameters& parameters, loop::Loop& loop, std::uint64_t seed)
    : parameters_(parameters), loop_(loop), seed_(seed) {}

RetryTable::~RetryTable() {
  for (base::Link* list : {&calm_, &failed_}) {
    while (list->linked())
      list->next->unlink();
  }
}

RetryTable::Use::Use(Use&& o) noexcept : entry_(std::exchange(o.entry_, nullptr)) {}
RetryTable::Use& RetryTable::Use::operator=(Use&& o) noexcept {
  std::swap(entry_, o.entry_);
  return *this;
}
RetryTable::Use::~Use() {
  if (entry_ && --entry_->uses == 0) entry_->table.unused(*entry_);
}
Retry* RetryTable::Use::operator->() const {
  return &entry_->retry;
}
Retry& RetryTable::Use::operator*() const {
  return entry_->retry;
}

void RetryTable::unused(Entry& entry) {
  entry.used = loop_.now();
  (entry.retry.calm() ? calm_ : failed_).push_back(entry);
  unused_bytes_ += entry.bytes();
  sweep();
}

void RetryTable::forget(Entry& entry) {
  unused_bytes_ -= entry.bytes();
  entry.unlink();
  entries_.erase(entries_.find(entry.retry.key()));
}

void RetryTable::sweep() {
  const base::TimePoint now = loop_.now();
  const auto first = [](base::Link& list) -> Entry& { return static_cast<Entry&>(*list.next); };
  while (calm_.linked() && now - first(calm_).used >= kRetryCalm)
    forget(first(calm_));
  while (failed_.linked() && now - first(failed_).used >= kRetryForget &&
         first(failed_).retry.next_attempt_in() <= base::Duration::zero()) {
    forget(first(failed_));
  }
  while (unused_bytes_ > kRetryBytes)
    forget(first(calm_.linked() ? calm_ : failed_));
}

std::array<std::size_t, watchutil::kBreakerStates> RetryTable::breakers() const {
  std::array<std::size_t, watchutil::kBreakerStates> out{};
  for (const auto& [key, entry] : entries_)
    ++out[static_cast<std::size_t>(entry->retry.state())];
  return out;
}

RetryTable::Use RetryTable::use(const std::string& key) {
  sweep();
  auto it = entries_.find(key);
  if (it == entries_.end()) {
    auto made = std::make_unique<Entry>(*this, Retry(key, parameters_, loop_, &counts_, seed_));
    it = entries_.emplace(std::string_view(made->retry.key()), std::move(made)).first;
  }
  Entry& entry = *it->second;
  if (entry.uses++ == 0 && entry.linked()) {
    entry.unlink();
    unused_bytes_ -= entry.bytes();
  }
  Use use;
  use.entry_ = &entry;
  return use;
}

}  // namespace kube::watch
