// Retry: one watch key's backoff and breaker; the single place that decides when the next attempt
// may start, and the only way to one:
//   next = max(failure + backoff, breaker cooldown, failure + Retry-After, what the stream asks)
//          + 0-20 % of the backoff's delay, so that what failed together does not come back in step
//   starts = at least kStartFloor apart + 0-20 % (kChurnFloor when streams keep ending), so that a
//            stream that ends cleanly goes on at once and a herd of one key comes one by one
// It outlives subscriptions (RetryTable), so that five failed subscribes in a row open the breaker.
// Changes of the breaker are INFO lines (breaker, watch, failures, retry_at: wall time, RFC 3339);
// each failed attempt, each end of a stream and each wait is one DEBUG line (delay_ms, watch; and
// attempt, error, how, why).
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
#include "kube/attempt.h"
#include "kube/failure.h"
#include "kube/watch_counts.h"
#include "loop/loop.h"
#include "watchutil/backoff.h"
#include "watchutil/churn_guard.h"
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

  // Of what is asked for: `keep`, a stream that may come again and again; `none`, a request or a
  // round of them that ends by itself.
  enum class Floor : unsigned char { keep, none };

  // The way to an attempt: it may start now, or how long to wait before asking again.
  Permit ask(Floor floor = Floor::keep);

  // The same without the object: attempt() is the number, to be settled by exactly one of
  // succeeded, failed and cancelled. False while the delay of the last failure runs, whoever's
  // attempt that was, or the breaker is open, or its one trial is under way.
  bool allow(Floor floor = Floor::keep);
  std::uint64_t attempt() const { return breaker_.attempt(); }
  void succeeded(std::uint64_t attempt = kLatest);
  // Returns how long to wait before the next attempt, `at_least` among the reasons. A failure of an
  // attempt from before the breaker opened draws no delay of the backoff.
  base::Duration failed(const Failure& why, base::Duration at_least = {},
                        std::uint64_t attempt = kLatest);
  // The stream of an attempt that had succeeded broke. Streams that break together are one failure:
  // those that began before the last one wait, and don't count.
  base::Duration broke(const Failure& why, base::Duration at_least, std::uint64_t attempt);
  void cancelled(std::uint64_t attempt = kLatest);
  // A stream ended and that is no failure: how long until the next start. `how`, `why`: for the log.
  base::Duration ended(std::string_view how, const Failure* why = nullptr);
  // No attempt for so long, for a reason from outside.
  void put_off(base::Duration delay);
  // A refusal that is the stream's own business, which tries again after `delay` for the nth time:
  // said in the log and counted as an error, nothing else.
  void note_refusal(const Failure& why, base::Duration delay, std::uint64_t nth);
  // For the counts alone: an error after which the stream goes on at once or never, and one more
  // connection of a watch after its first.
  void note_error(base::Errc code);
  void note_restart();

  // Until the breaker allows an attempt; zero when it does.
  base::Duration retry_after() const { return breaker_.retry_after(loop_.now()); }
  // Until allow() may say true: what failures ask for, or the floor between starts.
  base::Duration next_attempt_in() const;
  // What failures alone ask for: the breaker's cooldown or the rest of a delay; zero or less: none.
  base::Duration held_back() const;
  watchutil::CircuitBreaker::State state() const { return breaker_.state(loop_.now()); }
  const watchutil::CircuitBreaker& breaker() const { return breaker_; }
  const watchutil::Backoff& backoff() const { return backoff_; }
  const std::string& key() const { return key_; }
  // Nothing has failed since the last success: what a new Retry would forget is nothing.
  bool calm() const {
    return backoff_.failures() == 0 && breaker_.failures() == 0 && held_back() <= base::Duration();
  }
  // All that this watch leaves to chance. Its own: what it draws does not depend on which of two
  // watches that were cut at once heard of it first, so that a seed repeats a story.
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
  base::TimePoint not_before_{};   // the next attempt, by failures
  base::TimePoint asked_until_{};  // the same, by the server's Retry-After: no success ends it
  base::TimePoint last_start_{}, next_start_{};
  std::uint64_t begun_at_failure_ = 0;  // the latest attempt when the last one failed
  double jitter_;                       // fraction
  watchutil::ChurnGuard churn_;
};

// Finds or makes the Retry of a key; one in use is never forgotten. Of those that are not:
//
//   calm    forgotten after kRetryCalm: what may still hold is the distance of its starts
//   failed  after kRetryForget, unless a delay of it still runs
//   in all  they hold at most kRetryBytes, whatever callers name (a key may have a selector of 2 KiB
//           in it): the calm go first, then those unused for longest
constexpr base::Duration kRetryCalm = base::seconds(60);
// Whoever comes after so long finds no delay (but by an operator's own setting), and an API server
// that is worth one more attempt.
constexpr base::Duration kRetryForget = base::minutes(10);
constexpr std::size_t kRetryBytes = std::size_t{1024} * 1024;

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
  std::size_t unused_bytes() const { return unused_bytes_; }
  const WatchCounts& counts() const { return counts_; }
  // How many keys have their breaker in each state, by its number.
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
  std::unordered_map<std::string_view, std::unique_ptr<Entry>> entries_;  // key: in the entry
  base::Link calm_, failed_;  // not in use; unused for longest first
  std::size_t unused_bytes_ = 0;
};

}  // namespace kube
