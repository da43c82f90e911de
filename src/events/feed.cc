#include "events/feed.h"

#include <utility>

#include "events/delta.h"
#include "events/watch.h"

namespace events {

Feed::Feed(Watch& watch, mcp::Subscriber& subscriber)
    : fanout::FeedOf<Watch>(watch, subscriber), ns_(watch.ns()) {}

bool Feed::catch_up() {
  if (!std::exchange(begun_, true)) snapshot_ = watch()->snapshot(uri(), framed_);
  for (; told_ < snapshot_.size(); ++told_) {
    const base::Payload& one = snapshot_[told_];
    if (!publish(framed_ ? one
                         : mcp::update_frame(uri(),
                                             event_delta(kube::watch::Change::added, one.view()))))
      return false;
  }
  snapshot_ = {};
  told_ = 0;
  for (; rest_ && !rest_->empty(); rest_->pop()) {
    if (!publish_delta(rest_->front())) return false;
  }
  rest_.reset();
  return true;
}

void Feed::missed(const fanout::Delta& delta) {
  if (lost()) count_dropped(1);
  if (!rest_) rest_ = std::make_unique<fanout::DeltaFold>(fanout::DeltaFold::Unknown::forgotten);
  const std::size_t folded = rest_->add(delta);
  if (!lost()) stats().folded += folded;
}

std::string Feed::delta_json(kube::watch::Change change, std::string_view doc) const {
  return event_delta(change, doc);
}

std::string Feed::last_words(std::string_view reason) const {
  return event_error_delta(ns_, std::string("subscription ends: ").append(reason));
}

std::string_view Feed::dropped_advice() const {
  return "this subscriber was too slow: that many changes were not sent one by one; their net "
         "result follows; read the resource for the complete current state";
}

}  // namespace events
