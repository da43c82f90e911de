// Retry: one watch key's backoff and breaker; the single place that decides when the next attempt
// may start:
//   next = max(failure + backoff, breaker cooldown, failure + Retry-After, last start + floor)
// It outlives subscriptions (RetryTable), so that five failed subscribes in a row open the breaker.
// Changes of the breaker are INFO lines (breaker, watch, failures, retry_in_ms); each failed
// attempt one DEBUG line (delay_ms, attempt, watch, error).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/random.h"
#include "base/time.h"
#include "kube/failure.h"
#include "watchutil/backoff.h"
#include "watchutil/circuit_breaker.h"

namespace kube {

struct RetryParameters {
  watchutil::BackoffParameters backoff;
  watchutil::BreakerParameters breaker;
};

class Retry {
 public:
  // `key` names the watch in logs.
  Retry(std::string key, const RetryParameters& parameters);

  bool allow(base::TimePoint now);
  void succeeded(base::TimePoint now);
  // Returns how long to wait before the next attempt.
  base::Duration failed(base::TimePoint now, const Failure& why, base::Random& random);
  void cancelled();
  base::Duration retry_after(base::TimePoint now) const { return breaker_.retry_after(now); }
  const watchutil::CircuitBreaker& breaker() const { return breaker_; }
  const watchutil::Backoff& backoff() const { return backoff_; }
  const std::string& key() const { return key_; }

 private:
  void log_change(watchutil::CircuitBreaker::State before, base::TimePoint now) const;
  std::string key_;
  watchutil::Backoff backoff_;
  watchutil::CircuitBreaker breaker_;
};

// Finds or makes the Retry of a key. At most kRetryKeys; those unused for kRetryForget are
// forgotten (never one in use).
constexpr std::size_t kRetryKeys = 10000;
constexpr base::Duration kRetryForget = base::hours(1);

class RetryTable {
 public:
  explicit RetryTable(const RetryParameters& parameters);
  struct Entry;
  // A use of a key: keeps it from being forgotten. Move-only.
  class Use {
   public:
    Use() = default;
    Use(Use&& o) noexcept;
    Use& operator=(Use&& o) noexcept;
    ~Use();
    Retry* operator->() const;
    Retry& operator*() const;

   private:
    friend class RetryTable;
    Entry* entry_ = nullptr;
  };
  // `now` is when the key counts as used last, from when it may be forgotten once no Use is left.
  Use use(const std::string& key, base::TimePoint now);
  std::size_t size() const { return entries_.size(); }
  ~RetryTable();  // Requires: no Use is left

 private:
  friend class Use;
  void forget(base::TimePoint now);
  RetryParameters parameters_;
  base::TimePoint swept_{};
  std::unordered_map<std::string, std::unique_ptr<Entry>> entries_;
};

}  // namespace kube
