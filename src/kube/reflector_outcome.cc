// What an end or a failure of an attempt means: for the cursor, the breaker, the delay and the
// handler (reflector.h, "Law").
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
  zero_unconfirmed_ = zero_confirmed_ = decode_errors_ = server_errors_ = 0;
}

// Until the next start is allowed by the floor.
Duration Reflector::Impl::floor_delay() {
  const base::TimePoint now = loop_.now();
  return std::max(Duration::zero(), churn_.floor(now) - (now - last_start_));
}

// A stream that was open ended, by its terminator, a cut, or our deadline after frames.
void Reflector::Impl::ended(const Failure* failure) {
  const bool confirmed = state_ == State::confirmed;
  const base::TimePoint now = loop_.now();
  silence();
  if (!confirmed) {
    // Some control planes answer a stale cursor with 200, nothing, and a clean end: no 410 ever
    // comes.
    ++zero_unconfirmed_;
    if (zero_unconfirmed_ >= (spec_.events ? 1 : 2)) drop_cursor();
    return count_failure(
        failure ? *failure
                : Failure::from_error(base::Error(
                      base::Errc::unavailable, "watch: the stream ended at once without a frame")));
  }
  churn_.ended(now);
  const bool quiet_and_short =
      frames_ == 0 && now - opened_ < std::min<Duration>(kSuspectWithin, timeout_ / 10);
  zero_confirmed_ = quiet_and_short ? zero_confirmed_ + 1 : 0;
  if (zero_confirmed_ >= kSuspectEnds &&
      (!suspect_relist_ || now - *suspect_relist_ >= kSuspectRelistEvery)) {
    suspect_relist_ = now;
    drop_cursor();
  }
  wait(floor_delay());
}

// An attempt was answered with a failure, by status line, by an ERROR frame, or by the transport.
void Reflector::Impl::failed(const Failure& failure) {
  if (failure.expired()) return expired(failure, gone_);
  if (failure.cause == "ResourceVersionTooLarge") return expired(failure, too_large_);
  if (failure.transport() && failure.code == base::Errc::invalid_argument) return give_up(failure);
  switch (failure.status) {
    case 401:
    case 403:
    case 404:
      return denied(failure);
    case 400:
    case 405:
    case 406:
    case 415:
    case 422:
      return give_up(failure);
    case 500:
      if (++server_errors_ >= kPoisonedAfter) drop_cursor();
      break;
    default:
      break;
  }
  count_failure(failure);
}

// The cursor is of no use: relist. The first time in a row that is a healthy server's normal
// answer.
void Reflector::Impl::expired(const Failure& failure, int& in_a_row) {
  drop_cursor();
  if (in_a_row++ > 0) return count_failure(failure);
  churn_.ended(loop_.now());
  LOG_DEBUG("watch expired, listing again", {"watch", retry_.key()}, {"error", failure.message});
  wait(floor_delay());
}

void Reflector::Impl::count_failure(const Failure& failure) {
  in_attempt_ = false;
  const bool slow =
      failure.code == base::Errc::too_large || (failure.status >= 300 && failure.status < 400);
  const Duration retry = retry_.failed(loop_.now(), failure, random_);
  // A frame over the limit and a redirect will come again.
  const Duration delay = std::max({retry, floor_delay(), slow ? kSlowFirst : Duration::zero()});
  wait(delay);
  note_down(failure);
  handler_.on_down(failure, delay);
}

// The server answered, and refuses this stream: no business of the breaker.
void Reflector::Impl::denied(const Failure& failure) {
  if (std::exchange(in_attempt_, false)) retry_.cancelled();
  if (failure.status == 404) drop_cursor();
  Duration delay;
  if (failure.status == 401) {
    delay = denied_backoff_.next(random_);
  } else {
    slow_ = slow_ == Duration::zero() ? kSlowFirst : std::min(2 * slow_, kSlowCap);
    delay = slow_;
  }
  wait(std::max(delay, floor_delay()));
  waiting_denied_ = true;
  note_down(failure);
  handler_.on_denied(failure);
}

// Our request is wrong and will be wrong again.
void Reflector::Impl::give_up(const Failure& failure) {
  LOG_WARN("watch refused for good", {"watch", retry_.key()}, {"status", failure.status},
           {"error", failure.message});
  note_down(failure);
  stop();
  handler_.on_denied(failure);
}

}  // namespace kube
