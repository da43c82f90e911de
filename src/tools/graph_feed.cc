#include "tools/graph_feed.h"

#include <utility>

#include "base/json.h"
#include "tools/graph_watch.h"

namespace tools {

using base::Payload;

GraphFeed::GraphFeed(GraphWatch& watch, mcp::Subscriber& subscriber, GraphFilter filter)
    : WatchFeed(watch, subscriber), filter_(std::move(filter)) {}

GraphFeed::~GraphFeed() {
  if (begun_ && watch()) graph().drop_view(*this);
}

GraphWatch& GraphFeed::graph() const {
  return static_cast<GraphWatch&>(*watch());
}

void GraphFeed::on_detach() {
  if (std::exchange(begun_, false)) graph().drop_view(*this);
}

bool GraphFeed::send(const Payload& body) {
  const std::uint64_t number = sequence_ + 1;
  const Payload frame = watch()
                            ? graph().frame(uri(), body, number)
                            : mcp::update_frame(uri(), GraphDelta::numbered(body.view(), number));
  if (!publish(frame)) return false;
  sequence_ = number;
  return true;
}

bool GraphFeed::catch_up() {
  if (watch() && !begun_) {
    graph().join_view(*this);
    begun_ = fresh_ = true;
  }
  if (!tell_dropped()) return false;
  if (watch() && std::exchange(fresh_, false)) {
    const std::vector<Payload> all = graph().snapshot(filter_);
    parts_.assign(all.begin(), all.end());
    later_ = 0;
  }
  for (; !parts_.empty(); parts_.pop_front()) {
    if (!send(parts_.front())) return false;
  }
  later_ = 0;
  return true;
}

void GraphFeed::tell(const Payload& body) {
  if (level()) {
    Delta delta;
    delta.change = kube::Change::modified;
    delta.frame = graph().frame(uri(), body, ++sequence_);
    return offer(delta);  // missed() when there is no room
  }
  if (lost()) {
    ++sequence_;
    return count_dropped(1);
  }
  // Behind: it follows the snapshot, unless that has to be made anew.
  if (fresh_) return;
  later_ += body.size();
  parts_.push_back(body);
  if (later_ <= watch()->context().settings.queue_bytes) return;
  count_dropped(parts_.size());
  parts_.clear();
  fresh_ = true;
}

// The queue is full: its client needs a new snapshot.
void GraphFeed::missed(const Delta&) {
  count_dropped(1);
  fresh_ = true;
}

std::string GraphFeed::last_words(std::string_view reason) const {
  std::string out;
  base::json::Writer w(out);
  w.begin_object().field("action", "ERROR");
  w.field("message", std::string("subscription ends: ").append(reason)).end_object();
  return out;
}

std::string_view GraphFeed::dropped_advice() const {
  return "this subscriber was too slow: so many deltas were not told; a new snapshot follows and "
         "replaces all that was told before";
}

}  // namespace tools
