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
  if (state_ == State::listing) late_heads_ = 0;  // the server itself does not answer
  settle({.what = Observation::What::refused, .failure = &failure});
}

void Reflector::Impl::settle(Observation what) {
  const base::TimePoint now = loop_.now();
  what.confirmed = state_ == State::confirmed;
  what.once_confirmed = once_confirmed_;
  what.once_listed = synced_;
  what.events = spec_.events;
  what.may_suspect = !suspect_relist_ || now - *suspect_relist_ >= kSuspectRelistEvery;
  what.frames = frames_;
  what.open_for = now - opened_;
  what.timeout = timeout_;
  const Outcome outcome = judge(what, tally_);
  silence();
  if (outcome.seen == Seen::too_large && !synced_) release_all();
  if (outcome.cursor == Outcome::Cursor::drop) drop_cursor();
  if (outcome.seen == Seen::ended_quiet && !cursor_) suspect_relist_ = now;
  if (outcome.breaker == Outcome::Breaker::neutral) {
    if (const auto attempt = std::exchange(attempt_, std::nullopt)) retry_.cancelled(*attempt);
  }
  if (what.failure && outcome.delay == Outcome::Delay::never) return give_up(*what.failure);
  if (outcome.seen == Seen::not_found && discovery_) {
    discovery_->forget(spec_.resource.group, spec_.resource.version);
  }
  go_on(outcome, what);
}

// Only of events: others have bookmarks, which come every minute and bring the head with them. The
// list that follows says whether the server answers at all.
void Reflector::Impl::note_late_head() {
  if (!spec_.events) return;
  drop_cursor();
  if (++late_heads_ < kLateHeads || buffering_proxy_) return;
  buffering_proxy_ = true;
  LOG_INFO("a proxy seems to hold back the heads of watches; they are waited for longer",
           {"watch", retry_.key()});
}

Duration Reflector::Impl::stagger(const Outcome& outcome) {
  if (outcome.seen != Seen::cut) return Duration::zero();
  return Duration(static_cast<std::int64_t>(
      retry_.random().below(static_cast<std::uint64_t>(Duration(kStagger).count()))));
}

Duration Reflector::Impl::delay_of(const Outcome& outcome, const Failure& failure) {
  Duration least = floor_delay();
  const bool slow = outcome.delay == Outcome::Delay::slow;
  if (slow) least = std::max(least, slow_cadence_.next(retry_.random()));
  if (outcome.backoff == Outcome::Backoff::next) {
    const auto attempt = std::exchange(attempt_, std::nullopt);
    return retry_.failed(failure, least, attempt.value_or(Retry::kLatest));
  }
  if (!slow) least = std::max(least, own_backoff_.next(retry_.random()));
  retry_.note_refusal(failure, least, slow ? slow_cadence_.failures() : own_backoff_.failures());
  return least;
}

void Reflector::Impl::go_on(const Outcome& outcome, const Observation& what) {
  const Failure* const failure = what.failure;
  if (outcome.delay == Outcome::Delay::floor) {
    churn_.ended(loop_.now());
    if (failure) {
      retry_.note_error(failure->code);
      LOG_DEBUG("watch ended", {"watch", retry_.key()}, {"how", to_string(outcome.seen)},
                {"error", failure->message});
    }
    return wait(floor_delay() + stagger(outcome));
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
