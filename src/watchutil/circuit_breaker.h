// CircuitBreaker: no attempts at all while a peer keeps failing. Pure: time is an argument.
//
//   closed    --`threshold` consecutive failures-->  open until failure + cooldown
//   open      --cooldown over, allow()-->             half-open: exactly one attempt
//   half-open --success-->  closed, counter 0
//             --failure-->  open, a new cooldown
//             --cancel-->  half-open, place free again
//
// Every allow() that said true is settled by exactly one of record_success, record_failure, cancel.
// A failure recorded while open (of an attempt from before) neither counts nor extends the
// cooldown.
#pragma once

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

  // May an attempt start now? True in half-open takes the one place.
  bool allow(base::TimePoint now);
  void record_success(base::TimePoint now);
  void record_failure(base::TimePoint now);
  void cancel();  // the attempt neither succeeded nor failed

  State state(base::TimePoint now) const;  // open becomes half_open by time alone
  // Until an attempt may be allowed; zero when it may.
  base::Duration retry_after(base::TimePoint now) const;
  int failures() const { return failures_; }

 private:
  BreakerParameters parameters_;
  State state_ = State::closed;
  bool trial_ = false;
  int failures_ = 0;
  base::TimePoint open_until_{};
};

const char* to_string(CircuitBreaker::State state);

}  // namespace watchutil
