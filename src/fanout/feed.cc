#include "fanout/feed.h"

#include <utility>

#include "fanout/shared_watch.h"

namespace fanout {

using base::Payload;

Feed::Feed(SharedWatch& watch, mcp::Subscriber& subscriber)
    : watch_(&watch),
      subscriber_(subscriber),
      stats_(watch.stats()),
      dialect_(watch.dialect()),
      queue_(watch.context().settings, watch.context().budget, stats_) {
  node_.feed = this;
}

Feed::~Feed() {
  node_.unlink();
  if (watch_) watch_->left(*this);
}

// A feed that leaves by itself may still have to send what it holds.
void Feed::leave() {
  if (!watch_) return;
  SharedWatch& watch = *watch_;
  detach();
  watch.left(*this);
}

void Feed::detach() {
  if (!watch_) return;
  if (accepted()) on_detach();
  node_.unlink();
  watch_ = nullptr;
}

void Feed::on_credentials(const mcp::Caller& caller) {
  if (!watch_) return;
  watch_->renew(cluster::credentials_of(caller));
  watch_->renewed(*this);
}

void Feed::on_room() {
  if (!pump()) return;
  if (over_) return subscriber_.ended();
  if (watch_) watch_->on_level(*this);
}

void Feed::on_ending(std::string_view reason) {
  if (!accepted() || closed_) return;
  closed_ = true;
  last_words_ = mcp::update_frame(uri(), last_words(reason));
  leave();
  pump();
}

void Feed::accept() {
  phase_ = Phase::behind;
  subscriber_.accepted();
  pump();
}

void Feed::refuse(mcp::RpcError error) {
  subscriber_.refused(std::move(error));
}

void Feed::end(std::string_view delta_json) {
  closed_ = over_ = true;
  last_words_ = mcp::update_frame(uri(), delta_json);
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
  if (!watch_ || watch_->stale() == stale_told_) return true;
  if (!publish(watch_->staleness(uri()))) return false;
  stale_told_ = !stale_told_;
  return true;
}

}  // namespace fanout
