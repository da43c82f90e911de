#include "watchutil/circuit_breaker.h"

namespace watchutil {

CircuitBreaker::State CircuitBreaker::state(base::TimePoint now) const {
  return state_ == State::open && now >= open_until_ ? State::half_open : state_;
}

bool CircuitBreaker::allow(base::TimePoint now) {
  state_ = state(now);
  switch (state_) {
    case State::closed:
      return true;
    case State::open:
      return false;
    case State::half_open:
      break;
  }
  if (trial_) return false;
  trial_ = true;
  return true;
}

void CircuitBreaker::record_success(base::TimePoint now) {
  // While open: of an attempt from before the failures; it proves nothing about now.
  if (state(now) == State::open) return;
  state_ = State::closed;
  trial_ = false;
  failures_ = 0;
}

void CircuitBreaker::record_failure(base::TimePoint now) {
  state_ = state(now);
  if (state_ == State::open) return;
  ++failures_;
  if (state_ == State::closed && failures_ < parameters_.threshold) return;
  state_ = State::open;
  trial_ = false;
  open_until_ = now + parameters_.cooldown;
}

void CircuitBreaker::cancel() {
  trial_ = false;
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
