// Retry: one watch key's backoff and circuit breaker. It alone decides when the next attempt may
// start, and it is the only source of attempts:
//
//   next    = max(failure + backoff, breaker cooldown, failure + Retry-After, the stream's request)
//             + 0-20 % of the backoff's delay, so that streams that failed together do not
//             reconnect in step
//   starts  = at least kStartFloor apart + 0-20 % (kChurnFloor when streams keep ending), so that a
//             stream that ends cleanly continues at once and many streams of one key start one by
//             one
//
// It outlives subscriptions (RetryTable), so that five consecutive failed subscribes open the
// breaker. Changes of the breaker are logged at INFO (breaker, watch, failures, retry_at: wall
// time, RFC 3339); each failed attempt, each end of a stream and each wait at DEBUG (delay_ms,
// watch; and attempt, error, how, why).
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/link.h"
#include "base/random.h"
#include "base/time.h"
#include "kube/failure.h"
#include "kube/watch/attempt.h"
#include "kube/watch/watch_counts.h"
#include "loop/loop.h"
#include "watchutil/backoff.h"
#include "watchutil/churn_guard.h"
#include "watchutil/circuit_breaker.h"

namespace kube::watch {

struct RetryParameters {
  watchutil::BackoffParameters backoff;
  watchutil::BreakerParameters breaker;
};

class Retry {
 public:
  static constexpr std::uint64_t kLatest = watchutil::CircuitBreaker::kLatest;

  // `key` names the watch in logs. `loop` (for its clocks) and `counts` (nullptr: not counted) must
  // outlive it. `seed` and the key seed its jitter.
  Retry(std::string key, const RetryParameters& parameters, loop::Loop& loop,
        WatchCounts* counts = nullptr, std::uint64_t seed = 0);

  // Whether the floor between starts applies: `keep` for a stream, which may be opened again and
  // again; `none` for a request, or a round of requests, that ends by itself.
  enum class Floor : unsigned char { keep, none };

  // Requests an attempt: returns it open, or the time to wait before asking again.
  Permit ask(Floor floor = Floor::keep);

  // The same without the object: attempt() is the number, which must be settled by exactly one of
  // succeeded, failed and cancelled. False while the delay of the key's last failure runs, while
  // the breaker is open, or while its single trial runs.
  bool allow(Floor floor = Floor::keep);
  std::uint64_t attempt() const { return breaker_.attempt(); }
  void succeeded(std::uint64_t attempt = kLatest);
  // Returns how long to wait before the next attempt, at least `at_least`. A failure of an attempt
  // from before the breaker opened draws no backoff delay.
  base::Duration failed(const Failure& why, base::Duration at_least = {},
                        std::uint64_t attempt = kLatest);
  // The stream of a successful attempt broke. Streams that break together count as one failure:
  // those that began before the last failure wait without being counted.
  base::Duration broke(const Failure& why, base::Duration at_least, std::uint64_t attempt);
  void cancelled(std::uint64_t attempt = kLatest);
  // A stream ended without a failure: returns the time until the next start. `how`, `why`: for the
  // log.
  base::Duration ended(std::string_view how, const Failure* why = nullptr);
  // Allows no attempt for `delay`, for an external reason.
  void put_off(base::Duration delay);
  // Logs a refusal that concerns the stream alone, which retries after `delay` for the nth time,
  // and counts it as an error; no other effect.
  void note_refusal(const Failure& why, base::Duration delay, std::uint64_t nth);
  // Count only: an error after which the stream continues at once or never; a connection of a watch
  // after its first.
  void note_error(base::Errc code);
  void note_restart();

  // The time until the breaker allows an attempt; zero when it does.
  base::Duration retry_after() const { return breaker_.retry_after(loop_.now()); }
  // The time until allow() may return true: what failures require, or the floor between starts.
  base::Duration next_attempt_in() const;
  // What failures alone require: the breaker's cooldown or the rest of a delay; zero or less:
  // nothing.
  base::Duration held_back() const;
  watchutil::CircuitBreaker::State state() const { return breaker_.state(loop_.now()); }
  const watchutil::CircuitBreaker& breaker() const { return breaker_; }
  const watchutil::Backoff& backoff() const { return backoff_; }
  const std::string& key() const { return key_; }
  // Nothing has failed since the last success, so that a new Retry would be equivalent.
  bool calm() const {
    return backoff_.failures() == 0 && breaker_.failures() == 0 && held_back() <= base::Duration();
  }
  // The watch's own random source: its draws do not depend on the order in which two watches that
  // were cut together notice it, so that a seed reproduces a test.
  base::Random& random() { return random_; }

 private:
  void note_change(watchutil::CircuitBreaker::State before);
  base::Duration hold(const Failure& why, base::Duration delay);
  base::Duration jitter(base::Duration of);
  std::string key_;
  loop::Loop& loop_;
  base::Random random_;
  watchutil::Backoff backoff_;
  watchutil::CircuitBreaker breaker_;
  WatchCounts* counts_;
  base::TimePoint not_before_{};   // no attempt before, because of failures
  base::TimePoint asked_until_{};  // the same, because of Retry-After; a success does not end it
  base::TimePoint last_start_{}, next_start_{};
  std::uint64_t begun_at_failure_ = 0;  // the latest attempt at the time of the last failure
  double jitter_;                       // fraction
  watchutil::ChurnGuard churn_;
};

// Finds or creates the Retry of a key. A Retry in use is never dropped; unused ones are dropped as
// follows:
//
//   calm         after kRetryCalm; until then only the floor between its starts may matter
//   failed       after kRetryForget, unless one of its delays still runs
//   all of them  when they hold more than kRetryBytes, whatever keys callers cause (a key may
//                contain a selector of 2 KiB): the calm first, then those unused for longest
constexpr base::Duration kRetryCalm = base::seconds(60);
// After this time no delay runs any more (unless an operator configured longer ones), and the API
// server is worth another attempt.
constexpr base::Duration kRetryForget = base::minutes(10);
constexpr std::size_t kRetryBytes = std::size_t{1024} * 1024;

class RetryTable {
 public:
  // `loop` must outlive it. Servers with different seeds do not reconnect in step.
  RetryTable(const RetryParameters& parameters, loop::Loop& loop, std::uint64_t seed);
  struct Entry;
  // A use of a key, which keeps its Retry from being dropped. Move-only.
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
  std::size_t unused_bytes() const { return unused_bytes_; }
  const WatchCounts& counts() const { return counts_; }
  // The number of keys whose breaker is in each state, indexed by the state.
  std::array<std::size_t, watchutil::kBreakerStates> breakers() const;
  ~RetryTable();  // Requires: no Use is left

 private:
  friend class Use;
  void unused(Entry& entry);
  void forget(Entry& entry);
  void sweep();
  RetryParameters parameters_;
  loop::Loop& loop_;
  std::uint64_t seed_;
  WatchCounts counts_;
  std::unordered_map<std::string_view, std::unique_ptr<Entry>> entries_;  // the key views the entry
  base::Link calm_, failed_;  // not in use; unused for longest first
  std::size_t unused_bytes_ = 0;
};

}  // namespace kube::watch
