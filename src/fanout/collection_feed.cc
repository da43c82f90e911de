#include "fanout/collection_feed.h"

#include <utility>

namespace fanout {

using kube::watch::Change;

CollectionFeed::CollectionFeed(CollectionWatch& watch, mcp::Subscriber& subscriber)
    : FeedOf<CollectionWatch>(watch, subscriber), words_(watch.words()) {}

bool CollectionFeed::catch_up() {
  if (!std::exchange(begun_, true)) snapshot_ = watch()->snapshot(uri(), framed_);
  for (; told_ < snapshot_.size(); ++told_) {
    const base::Payload& one = snapshot_[told_];
    if (!publish(framed_ ? one : mcp::update_frame(uri(), words_.delta(Change::added, one.view()))))
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

void CollectionFeed::missed(const Delta& delta) {
  if (lost()) count_dropped(1);
  if (!rest_) rest_ = std::make_unique<DeltaFold>(DeltaFold::Unknown::forgotten);
  const std::size_t folded = rest_->add(delta);
  if (!lost()) stats().folded += folded;
}

std::string CollectionFeed::delta_json(Change change, std::string_view doc) const {
  return words_.delta(change, doc);
}

std::string CollectionFeed::last_words(std::string_view reason) const {
  return words_.error(words_.about, std::string("subscription ends: ").append(reason));
}

std::string_view CollectionFeed::dropped_advice() const {
  return "this subscriber was too slow: that many changes were not sent one by one; their net "
         "result follows; read the resource for the complete current state";
}

}  // namespace fanout
