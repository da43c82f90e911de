#include "tools/event_feed.h"

#include <utility>

#include "tools/event_delta.h"
#include "tools/event_watch.h"

namespace tools {

EventFeed::EventFeed(EventWatch& watch, mcp::Subscriber& subscriber)
    : WatchFeed(watch, subscriber), ns_(watch.ns()) {}

bool EventFeed::catch_up() {
  if (!std::exchange(begun_, true))
    snapshot_ = static_cast<EventWatch*>(watch())->snapshot(uri(), framed_);
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

void EventFeed::missed(const Delta& delta) {
  if (lost()) count_dropped(1);
  if (!rest_) rest_ = std::make_unique<DeltaFold>(DeltaFold::Unknown::forgotten);
  const std::size_t folded = rest_->add(delta);
  if (!lost()) stats().folded += folded;
}

std::string EventFeed::delta_json(kube::watch::Change change, std::string_view doc) const {
  return event_delta(change, doc);
}

std::string EventFeed::last_words(std::string_view reason) const {
  return event_error_delta(ns_, std::string("subscription ends: ").append(reason));
}

std::string_view EventFeed::dropped_advice() const {
  return "this subscriber was too slow: that many changes were not sent one by one; their net "
         "result follows; read the resource for the complete current state";
}

}  // namespace tools
