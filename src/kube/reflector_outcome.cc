// Doing what the outcome table says (outcome.h).
#include <algorithm>
#include <utility>

#include "base/log.h"
#include "kube/reflector_impl.h"

namespace kube {

using base::Duration;

void Reflector::Impl::note_down(const Failure& failure) {
  if (!down_since_) down_since_ = loop_.now();
  last_error_ = failure.error();
}

void Reflector::Impl::drop_cursor() {
  cursor_.reset();
  tally_.new_cursor();
}

// Until the next start is allowed by the floor.
Duration Reflector::Impl::floor_delay() {
  const base::TimePoint now = loop_.now();
  return std::max(Duration::zero(), churn_.floor(now) - (now - last_start_));
}

void Reflector::Impl::refused(const Failure& failure) {
  settle({.what = Observation::What::refused, .failure = &failure});
}

void Reflector::Impl::settle(Observation what) {
  const base::TimePoint now = loop_.now();
  what.confirmed = state_ == State::confirmed;
  what.once_confirmed = once_confirmed_;
  what.events = spec_.events;
  what.may_suspect = !suspect_relist_ || now - *suspect_relist_ >= kSuspectRelistEvery;
  what.frames = frames_;
  what.open_for = now - opened_;
  what.timeout = timeout_;
  const Outcome outcome = judge(what, tally_);
  silence();
  if (outcome.cursor == Outcome::Cursor::drop) drop_cursor();
  if (outcome.seen == Seen::ended_quiet && !cursor_) suspect_relist_ = now;
  if (outcome.breaker == Outcome::Breaker::neutral) {
    if (const auto attempt = std::exchange(attempt_, std::nullopt)) retry_.cancelled(*attempt);
  }
  if (what.failure && outcome.delay == Outcome::Delay::never) return give_up(*what.failure);
  go_on(outcome, what.failure);
}

Duration Reflector::Impl::delay_of(const Outcome& outcome, const Failure& failure) {
  Duration least = floor_delay();
  const bool slow = outcome.delay == Outcome::Delay::slow;
  if (slow) least = std::max(least, slow_cadence_.next(random_));
  if (outcome.backoff == Outcome::Backoff::next) {
    const auto attempt = std::exchange(attempt_, std::nullopt);
    return retry_.failed(failure, random_, least, attempt.value_or(Retry::kLatest));
  }
  if (!slow) least = std::max(least, own_backoff_.next(random_));
  retry_.note_refusal(failure, least, slow ? slow_cadence_.failures() : own_backoff_.failures());
  return least;
}

void Reflector::Impl::go_on(const Outcome& outcome, const Failure* failure) {
  if (outcome.delay == Outcome::Delay::floor) {
    churn_.ended(loop_.now());
    if (failure) {
      retry_.note_error(failure->code);
      LOG_DEBUG("watch ended", {"watch", retry_.key()}, {"how", to_string(outcome.seen)},
                {"error", failure->message});
    }
    return wait(floor_delay());
  }
  const Failure why =
      failure ? *failure
              : Failure::from_error(base::Error(base::Errc::unavailable,
                                                "watch: the stream ended at once without a frame"));
  const Duration delay = delay_of(outcome, why);
  wait(delay);
  note_down(why);
  waiting_denied_ = outcome.backoff == Outcome::Backoff::own;
  if (outcome.tell == Outcome::Tell::down) return handler_.on_down(why, delay);
  handler_.on_denied(why);
}

// Our request is wrong and will be wrong again.
void Reflector::Impl::give_up(const Failure& failure) {
  LOG_WARN("watch refused for good", {"watch", retry_.key()}, {"status", failure.status},
           {"error", failure.message});
  const Failure why = failure;
  retry_.note_error(why.code);
  note_down(why);
  stop();
  handler_.on_denied(why);
}

}  // namespace kube
