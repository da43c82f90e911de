#include "watchutil/circuit_breaker.h"

#include <algorithm>
#include <climits>

namespace watchutil {

CircuitBreaker::State CircuitBreaker::state(base::TimePoint now) const {
  return state_ == State::open && now >= open_until_ ? State::half_open : state_;
}

bool CircuitBreaker::allows(base::TimePoint now) const {
  const State is = state(now);
  return is == State::closed || (is == State::half_open && trial_ == 0);
}

bool CircuitBreaker::allow(base::TimePoint now) {
  state_ = state(now);
  if (!allows(now)) return false;
  ++attempts_;
  if (state_ == State::half_open) trial_ = attempts_;
  return true;
}

void CircuitBreaker::record_success(base::TimePoint now, std::uint64_t attempt) {
  attempt = std::min(attempt, attempts_);
  if (state(now) != State::closed && attempt <= failed_) return;
  state_ = State::closed;
  trial_ = 0;
  failures_ = 0;
}

bool CircuitBreaker::record_failure(base::TimePoint now, std::uint64_t attempt) {
  attempt = std::min(attempt, attempts_);
  state_ = state(now);
  if (state_ == State::open || (state_ == State::half_open && attempt != trial_)) return false;
  failures_ += failures_ < INT_MAX ? 1 : 0;
  failed_ = std::max(failed_, attempt);
  if (state_ == State::closed && failures_ < parameters_.threshold) return true;
  state_ = State::open;
  trial_ = 0;
  open_until_ = now + parameters_.cooldown;
  return true;
}

void CircuitBreaker::cancel(std::uint64_t attempt) {
  if (std::min(attempt, attempts_) == trial_) trial_ = 0;
}

base::Duration CircuitBreaker::retry_after(base::TimePoint now) const {
  return state(now) == State::open ? open_until_ - now : base::Duration::zero();
}

const char* to_string(CircuitBreaker::State state) {
  switch (state) {
    case CircuitBreaker::State::closed:
      return "closed";
    case CircuitBreaker::State::open:
      return "open";
    case CircuitBreaker::State::half_open:
      return "half-open";
  }
  return "closed";
}

}  // namespace watchutil
