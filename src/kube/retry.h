// Retry: one watch key's backoff and breaker; the single place that decides when the next attempt
// may start:
//   next = max(failure + backoff, breaker cooldown, failure + Retry-After, what the stream asks)
// It outlives subscriptions (RetryTable), so that five failed subscribes in a row open the breaker.
// Changes of the breaker are INFO lines (breaker, watch, failures, retry_at: wall time, RFC 3339);
// each failed attempt is one DEBUG line (delay_ms, attempt, watch, error).
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/random.h"
#include "base/time.h"
#include "kube/failure.h"
#include "kube/watch_counts.h"
#include "loop/loop.h"
#include "watchutil/backoff.h"
#include "watchutil/circuit_breaker.h"

namespace kube {

struct RetryParameters {
  watchutil::BackoffParameters backoff;
  watchutil::BreakerParameters breaker;
};

class Retry {
 public:
  static constexpr std::uint64_t kLatest = watchutil::CircuitBreaker::kLatest;

  // `key` names the watch in logs. `loop` (for its clocks) and `counts` (nullptr: not counted)
  // outlive it. `seed`: of its jitter, together with the key.
  Retry(std::string key, const RetryParameters& parameters, loop::Loop& loop,
        WatchCounts* counts = nullptr, std::uint64_t seed = 0);

  // An attempt may start now: attempt() is its number, to be settled by exactly one of succeeded,
  // failed and cancelled. False while the delay of the last failure runs, whoever's attempt that
  // was, or the breaker is open, or its one trial is under way.
  bool allow();
  std::uint64_t attempt() const { return breaker_.attempt(); }
  void succeeded(std::uint64_t attempt = kLatest);
  // Returns how long to wait before the next attempt, `at_least` among the reasons. A failure of an
  // attempt from before the breaker opened draws no delay of the backoff.
  base::Duration failed(const Failure& why, base::Duration at_least = {},
                        std::uint64_t attempt = kLatest);
  void cancelled(std::uint64_t attempt = kLatest);
  // A refusal that is the stream's own business, which tries again after `delay` for the nth time:
  // said in the log and counted as an error, nothing else.
  void note_refusal(const Failure& why, base::Duration delay, std::uint64_t nth);
  // For the counts alone: an error after which the stream goes on at once or never, and one more
  // connection of a watch after its first.
  void note_error(base::Errc code);
  void note_restart();

  // Until the breaker allows an attempt; zero when it does.
  base::Duration retry_after() const { return breaker_.retry_after(loop_.now()); }
  // Until allow() may say true: the breaker's cooldown or the rest of a delay.
  base::Duration next_attempt_in() const;
  watchutil::CircuitBreaker::State state() const { return breaker_.state(loop_.now()); }
  const watchutil::CircuitBreaker& breaker() const { return breaker_; }
  const watchutil::Backoff& backoff() const { return backoff_; }
  const std::string& key() const { return key_; }
  // All that this watch leaves to chance. Its own: what it draws does not depend on which of two
  // watches that were cut at once heard of it first, so that a seed repeats a story.
  base::Random& random() { return random_; }

 private:
  void note_change(watchutil::CircuitBreaker::State before);
  std::string key_;
  loop::Loop& loop_;
  base::Random random_;
  watchutil::Backoff backoff_;
  watchutil::CircuitBreaker breaker_;
  WatchCounts* counts_;
  base::TimePoint not_before_{};  // the next attempt
};

// Finds or makes the Retry of a key. At most kRetryKeys; those unused for kRetryForget are
// forgotten (never one in use).
constexpr std::size_t kRetryKeys = 10000;
constexpr base::Duration kRetryForget = base::hours(1);

class RetryTable {
 public:
  // `loop` outlives it. Servers with different seeds don't come back in step.
  RetryTable(const RetryParameters& parameters, loop::Loop& loop, std::uint64_t seed);
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
  Use use(const std::string& key);
  std::size_t size() const { return entries_.size(); }
  const WatchCounts& counts() const { return counts_; }
  // How many keys have their breaker in each state, by its number.
  std::array<std::size_t, watchutil::kBreakerStates> breakers() const;
  ~RetryTable();  // Requires: no Use is left

 private:
  friend class Use;
  void forget();
  RetryParameters parameters_;
  loop::Loop& loop_;
  std::uint64_t seed_;
  WatchCounts counts_;
  base::TimePoint swept_{};
  std::unordered_map<std::string, std::unique_ptr<Entry>> entries_;
};

}  // namespace kube
