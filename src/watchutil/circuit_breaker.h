// CircuitBreaker: no attempts at all while a peer keeps failing. Pure: time is an argument.
//
//   closed    --`threshold` consecutive failures-->  open until failure + cooldown
//   open      --cooldown over, allow()-->             half-open: exactly one attempt
//   half-open --success-->  closed, counter 0
//             --failure-->  open, a new cooldown
//             --cancel-->  half-open, place free again
//
// Every allow() that said true is an attempt with a number, settled by exactly one of
// record_success, record_failure, cancel. Several attempts may be under way while it is closed, and
// be settled late:
//   a failure while open neither counts nor extends the cooldown, and while half-open only the
//   trial's counts; a success while open or half-open closes when its attempt began after the last
//   one that failed (it is evidence), and else proves nothing.
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

  // May an attempt start now? True in half-open takes the one place.
  bool allow(base::TimePoint now);
  bool allows(base::TimePoint now) const;              // what allow() would say
  std::uint64_t attempt() const { return attempts_; }  // the one allowed last
  void record_success(base::TimePoint now, std::uint64_t attempt = kLatest);
  bool record_failure(base::TimePoint now, std::uint64_t attempt = kLatest);  // did it count?
  void cancel(std::uint64_t attempt = kLatest);  // it neither succeeded nor failed

  State state(base::TimePoint now) const;  // open becomes half_open by time alone
  // Until an attempt may be allowed; zero when it may.
  base::Duration retry_after(base::TimePoint now) const;
  int failures() const { return failures_; }

 private:
  BreakerParameters parameters_;
  State state_ = State::closed;
  std::uint64_t attempts_ = 0;
  std::uint64_t failed_ = 0;  // the latest attempt that did
  std::uint64_t trial_ = 0;   // half-open: the one attempt; 0: none
  int failures_ = 0;
  base::TimePoint open_until_{};
};

constexpr std::size_t kBreakerStates = 3;
const char* to_string(CircuitBreaker::State state);

}  // namespace watchutil
