#include "kube/retry.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace kube {

using watchutil::CircuitBreaker;

Retry::Retry(std::string key, const RetryParameters& parameters)
    : key_(std::move(key)), backoff_(parameters.backoff), breaker_(parameters.breaker) {}

void Retry::log_change(CircuitBreaker::State before, base::TimePoint now) const {
  const CircuitBreaker::State after = breaker_.state(now);
  if (after == before) return;
  LOG_INFO("circuit breaker", {"breaker", watchutil::to_string(after)}, {"watch", key_},
           {"failures", breaker_.failures()},
           {"retry_in_ms", base::to_ms(breaker_.retry_after(now))});
}

bool Retry::allow(base::TimePoint now) {
  const bool allowed = breaker_.allow(now);
  // Open becomes half-open by time alone; it is said when the one attempt starts.
  if (allowed && breaker_.state(now) == CircuitBreaker::State::half_open) {
    LOG_INFO("circuit breaker", {"breaker", "half-open"}, {"watch", key_},
             {"failures", breaker_.failures()}, {"retry_in_ms", 0});
  }
  return allowed;
}

void Retry::succeeded(base::TimePoint now) {
  const CircuitBreaker::State before = breaker_.state(now);
  breaker_.record_success(now);
  backoff_.reset();
  log_change(before, now);
}

base::Duration Retry::failed(base::TimePoint now, const Failure& why, base::Random& random) {
  const CircuitBreaker::State before = breaker_.state(now);
  breaker_.record_failure(now);
  base::Duration delay = std::max(backoff_.next(random), breaker_.retry_after(now));
  if (why.retry_after) delay = std::max(delay, *why.retry_after);
  LOG_DEBUG("watch attempt failed", {"delay_ms", base::to_ms(delay)},
            {"attempt", backoff_.failures()}, {"watch", key_}, {"error", why.message});
  log_change(before, now);
  return delay;
}

void Retry::cancelled() {
  breaker_.cancel();
}

struct RetryTable::Entry {
  Retry retry;
  base::TimePoint used;
  int uses = 0;
};

RetryTable::RetryTable(const RetryParameters& parameters) : parameters_(parameters) {}
RetryTable::~RetryTable() = default;

RetryTable::Use::Use(Use&& o) noexcept : entry_(std::exchange(o.entry_, nullptr)) {}
RetryTable::Use& RetryTable::Use::operator=(Use&& o) noexcept {
  std::swap(entry_, o.entry_);
  return *this;
}
RetryTable::Use::~Use() {
  if (entry_) --entry_->uses;
}
Retry* RetryTable::Use::operator->() const {
  return &entry_->retry;
}
Retry& RetryTable::Use::operator*() const {
  return entry_->retry;
}

void RetryTable::forget(base::TimePoint now) {
  swept_ = now;
  for (auto it = entries_.begin(); it != entries_.end();) {
    const bool old = it->second->uses == 0 && now - it->second->used > kRetryForget;
    it = old ? entries_.erase(it) : std::next(it);
  }
  // Full all the same: those not in use go, whatever their age; keys in use are bounded by the
  // subscriptions.
  for (auto it = entries_.begin(); it != entries_.end() && entries_.size() >= kRetryKeys;) {
    it = it->second->uses == 0 ? entries_.erase(it) : std::next(it);
  }
}

RetryTable::Use RetryTable::use(const std::string& key, base::TimePoint now) {
  auto it = entries_.find(key);
  if (it == entries_.end()) {
    if (entries_.size() >= kRetryKeys || now - swept_ > kRetryForget) forget(now);
    it = entries_.emplace(key, std::make_unique<Entry>(Entry{Retry(key, parameters_), now})).first;
  }
  it->second->used = now;
  ++it->second->uses;
  Use use;
  use.entry_ = it->second.get();
  return use;
}

}  // namespace kube
