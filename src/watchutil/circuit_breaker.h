// CircuitBreaker: stops all attempts while a peer keeps failing. Pure: time is an argument.
//
//   state      event                             next
//   closed     `threshold` consecutive failures  open until failure + cooldown
//   open       cooldown over, allow()            half-open, with exactly one attempt (the trial)
//   half-open  success                           closed, failures 0
//   half-open  failure                           open, for a new cooldown
//   half-open  cancel                            half-open, with no trial: allow() starts another
//
// Every allow() that returns true starts a numbered attempt, to be settled by exactly one of
// record_success, record_failure and cancel. While closed, several attempts may be under way, and
// may be settled late:
// - A failure while open neither counts nor extends the cooldown; while half-open only the trial's
//   counts.
// - A success while open or half-open closes the breaker if its attempt began after the last
//   attempt that failed; otherwise it proves nothing and is ignored.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace watchutil {

struct BreakerParameters {
  int threshold = 5;                            // consecutive failures
  base::Duration cooldown = base::seconds(30);  // from the failure that opened it
};

class CircuitBreaker {
 public:
  enum class State : unsigned char { closed, open, half_open };
  explicit CircuitBreaker(const BreakerParameters& parameters = {}) : parameters_(parameters) {}

  static constexpr std::uint64_t kLatest = UINT64_MAX;

  // Whether an attempt may start now. In half-open, true makes this attempt the trial.
  bool allow(base::TimePoint now);
  bool allows(base::TimePoint now) const;              // what allow() would return
  std::uint64_t attempt() const { return attempts_; }  // the attempt allowed last
  void record_success(base::TimePoint now, std::uint64_t attempt = kLatest);
  // Returns whether the failure counted.
  bool record_failure(base::TimePoint now, std::uint64_t attempt = kLatest);
  void cancel(std::uint64_t attempt = kLatest);  // it neither succeeded nor failed

  State state(base::TimePoint now) const;  // time alone turns open into half_open
  // Remaining time in open; zero in any other state, also while a trial is under way.
  base::Duration retry_after(base::TimePoint now) const;
  int failures() const { return failures_; }

 private:
  BreakerParameters parameters_;
  State state_ = State::closed;
  std::uint64_t attempts_ = 0;
  std::uint64_t failed_ = 0;  // the latest attempt that failed
  std::uint64_t trial_ = 0;   // the trial while half-open; 0: none
  int failures_ = 0;
  base::TimePoint open_until_{};
};

constexpr std::size_t kBreakerStates = 3;
const char* to_string(CircuitBreaker::State state);

}  // namespace watchutil
