// Acts on the outcome table (outcome.h).
#include <algorithm>
#include <utility>

#include "base/log.h"
#include "kube/resource_version.h"
#include "kube/watch/reflector.h"

namespace kube::watch {

using base::Duration;

// Quiet streams that keep ending soon make their cursor suspect, but a load balancer's short idle
// limit looks the same: at most one relist for that reason in this time.
constexpr Duration kSuspectRelistEvery = base::minutes(5);
// An API server sends a bookmark each minute, and one 2 s before timeoutSeconds: a stream of this
// length without any shows a cursor that the server does not reach.
constexpr Duration kWithoutBookmark = base::seconds(150), kLastBookmark = base::seconds(2);
// After this many consecutive event watches whose head did not arrive in time, while lists did, a
// proxy must be holding heads back until the first event: heads may then take until timeoutSeconds.
constexpr int kLateHeads = 2;

void Reflector::note_down(const Failure& failure) {
  if (!down_since_) down_since_ = loop_.now();
  last_error_ = failure.error();
}

void Reflector::drop_cursor() {
  cursor_.reset();
  bookmarked_ = false;
  tally_.new_cursor();
}

// Versions of one collection only grow. True: the stream is settled.
bool Reflector::went_back(const std::string& version) {
  if (!cursor_ || !is_older_version(version, *cursor_)) return false;
  ++rv_regressions_;
  const base::TimePoint now = loop_.now();
  if (suspect_relist_ && now - *suspect_relist_ < kSuspectRelistEvery) return false;
  suspect_relist_ = now;
  LOG_WARN("the watch is older than versions seen before; listing anew", {"watch", retry_.key()},
           {"resource_version", version}, {"seen", *cursor_});
  const Failure expired = Failure::from_error(
      base::Error(base::Errc::gone, "watch: version " + version + " after " + *cursor_));
  settle({.what = Observation::What::error_frame, .failure = &expired});
  return true;
}

bool Reflector::lost_bookmarks(const Observation& what, Seen seen) const {
  return seen == Seen::ended && bookmarked_ && what.frames == 0 &&
         what.open_for >= std::min(kWithoutBookmark, what.timeout - kLastBookmark);
}

void Reflector::refused(const Failure& failure) {
  if (state_ == State::listing) late_heads_ = 0;  // the server itself does not answer
  settle({.what = Observation::What::refused, .failure = &failure});
}

void Reflector::settle(Observation what) {
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
  if (outcome.seen == Seen::too_large && !collection_.complete()) collection_.clear();
  if (outcome.cursor == Outcome::Cursor::drop) drop_cursor();
  if (lost_bookmarks(what, outcome.seen)) {
    LOG_INFO("the watch brings no bookmarks any more; listing anew", {"watch", retry_.key()},
             {"resource_version", cursor_.value_or("")});
    drop_cursor();
  }
  if (is_quiet(outcome.seen) && !cursor_) suspect_relist_ = now;
  if (outcome.breaker != Outcome::Breaker::failure) attempt_.drop();  // frees its place
  if (what.failure && outcome.delay == Outcome::Delay::never) return give_up(*what.failure);
  if (outcome.seen == Seen::not_found && discovery_) {
    discovery_->forget(spec_.resource.group, spec_.resource.version);
  }
  go_on(outcome, what);
}

// Only for events: other watches have bookmarks every minute, which release the head. The list that
// follows shows whether the server answers at all.
void Reflector::note_late_head() {
  if (!spec_.events) return;
  drop_cursor();
  if (++late_heads_ < kLateHeads || buffering_proxy_) return;
  buffering_proxy_ = true;
  LOG_INFO("a proxy seems to hold back response heads of watches; waiting longer for them",
           {"watch", retry_.key()});
}

Duration Reflector::delay_of(const Outcome& outcome, const Failure& failure) {
  const bool slow = outcome.delay == Outcome::Delay::slow;
  Duration least = slow ? slow_cadence_.next(retry_.random()) : Duration::zero();
  if (outcome.backoff == Outcome::Backoff::next) return attempt_.failed(failure, least);
  if (!slow) least = own_backoff_.next(retry_.random());
  least = std::max(least, retry_.next_attempt_in());
  retry_.note_refusal(failure, least, slow ? slow_cadence_.failures() : own_backoff_.failures());
  return least;
}

void Reflector::go_on(const Outcome& outcome, const Observation& what) {
  const Failure* const failure = what.failure;
  if (outcome.delay == Outcome::Delay::floor)
    return wait(retry_.ended(to_string(outcome.seen), failure));
  const Failure why = failure ? *failure
                              : Failure::from_error(base::Error(
                                    base::Errc::unavailable,
                                    what.confirmed ? "watch: the stream broke off"
                                                   : "watch: the stream ended at once without a "
                                                     "frame"));
  const Duration delay = delay_of(outcome, why);
  wait(delay);
  if (outcome.tell == Outcome::Tell::nothing) return;
  note_down(why);
  waiting_denied_ = outcome.backoff == Outcome::Backoff::own;
  if (outcome.tell == Outcome::Tell::down) return health_.on_down(why, delay);
  health_.on_denied(why);
}

// The request is invalid and would be refused again.
void Reflector::give_up(const Failure& failure) {
  LOG_WARN("watch refused for good", {"watch", retry_.key()}, {"status", failure.status},
           {"error", failure.message});
  const Failure why = failure;
  retry_.note_error(why.code);
  note_down(why);
  stop();
  health_.on_denied(why);
}

}  // namespace kube::watch
