#include "fanout/feed.h"

#include <utility>

#include "fanout/shared_watch.h"

namespace fanout {

using base::Payload;

Feed::Feed(SharedWatch& watch, mcp::Subscriber& subscriber)
    : subscriber_(subscriber),
      stats_(watch.stats()),
      dialect_(watch.dialect()),
      queue_(watch.context().settings, watch.context().budget, stats_,
             mcp::counted_owner(subscriber.caller())) {
  node_.feed = this;
}

Feed::~Feed() {
  node_.unlink();
  leave();
}

void Feed::on_credentials(const mcp::Caller& caller) {
  if (!watch()) return;
  watch()->renew(cluster::credentials_of(caller));
  watch()->renewed(*this);
}

void Feed::on_room() {
  if (!pump()) return;
  if (over_) return subscriber_.ended();
  if (watch()) watch()->on_level(*this);
}

void Feed::on_ending(std::string_view reason) {
  if (!accepted() || closed_) return;
  closed_ = true;
  last_words_ = mcp::update_frame(uri(), last_words(reason));
  node_.unlink();
  leave();
  pump();
}

void Feed::end(std::string_view reason) {
  if (!accepted() || closed_) return;
  over_ = true;
  on_ending(reason);
  if (last_words_.empty()) subscriber_.ended();
}

void Feed::on_accepted() {
  phase_ = Phase::behind;
  watch()->serve(node_);
  subscriber_.accepted();
  pump();
  if (watch()) watch()->on_joined(*this);
}

void Feed::on_refused(mcp::RpcError error) {
  subscriber_.refused(std::move(error));
}

void Feed::on_ended(std::string_view last) {
  closed_ = over_ = true;
  last_words_ = mcp::update_frame(uri(), last);
  if (pump()) subscriber_.ended();
}

void Feed::offer(const Delta& delta) {
  if (!accepted() || closed_) return;
  if (phase_ == Phase::level) {
    if ((queue_.empty() && publish(delta.frame)) || queue_.push(delta)) return;
    phase_ = Phase::lost;
  }
  missed(delta);
}

bool Feed::pump() {
  for (; !queue_.empty(); queue_.pop()) {
    if (!publish_delta(queue_.front())) return false;
  }
  if (phase_ == Phase::lost) {
    if (!tell_dropped()) return false;
    phase_ = Phase::behind;
  }
  if (phase_ == Phase::behind) {
    if (!catch_up()) return false;
    phase_ = Phase::level;
  }
  if (!tell_staleness()) return false;
  if (!last_words_.empty()) {
    if (!publish(last_words_)) return false;
    last_words_ = {};
  }
  return true;
}

bool Feed::publish(const Payload& frame) {
  if (!subscriber_.publish(frame)) return false;
  ++stats_.sent;
  return true;
}

bool Feed::publish_delta(const Delta& delta) {
  if (!delta.frame.empty()) return publish(delta.frame);
  return publish(mcp::update_frame(uri(), delta_json(delta.change, delta.doc.view())));
}

void Feed::count_dropped(std::uint64_t count) {
  dropped_ += count;
  stats_.dropped += count;
}

bool Feed::tell_dropped() {
  if (dropped_ == 0) return true;
  if (!publish(mcp::update_frame(uri(), dropped_delta(dialect_, dropped_, dropped_advice()))))
    return false;
  dropped_ = 0;
  return true;
}

// Sent while it applies, not queued: a subscriber that was too slow to get the notice of an outage
// needs none of its end.
bool Feed::tell_staleness() {
  if (!watch() || watch()->stale() == stale_told_) return true;
  if (!publish(watch()->staleness(uri()))) return false;
  stale_told_ = !stale_told_;
  return true;
}

}  // namespace fanout
