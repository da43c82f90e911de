#include "graph/feed.h"

#include <utility>

#include "base/json.h"
#include "graph/watch.h"

namespace graph {

using base::Payload;

Feed::Feed(Watch& watch, mcp::Subscriber& subscriber, model::Filter filter)
    : fanout::FeedOf<Watch>(watch, subscriber),
      budget_(watch.context().budget),
      filter_(std::move(filter)),
      too_large_(watch.context().kube.loop, "graph too large",
                 loop::Deferred::Fn::bind<&Feed::on_too_large>(this)) {}

Feed::~Feed() {
  drop_later();
  if (begun_ && watch()) watch()->drop_view(*this);
}

void Feed::on_detach() {
  if (std::exchange(begun_, false)) watch()->drop_view(*this);
}

bool Feed::send(const Payload& body) {
  const std::uint64_t number = sequence_ + 1;
  const Payload frame = watch()
                            ? watch()->frame(uri(), body, number)
                            : mcp::update_frame(uri(), model::Delta::numbered(body.view(), number));
  if (!publish(frame)) return false;
  sequence_ = number;
  return true;
}

bool Feed::catch_up() {
  if (watch() && !begun_) {
    watch()->join_view(*this);
    begun_ = fresh_ = true;
  }
  if (!tell_dropped()) return false;
  if (watch() && fresh_) {
    if (too_large_.scheduled()) return false;
    snapshot_ = watch()->snapshot(filter_);
    told_ = 0;
    waits_ = !snapshot_;
    if (waits_) return false;
    fresh_ = false;
    drop_later();
  }
  for (; told_ < snapshot_.size(); ++told_) {
    if (!send(snapshot_[told_])) return false;
  }
  snapshot_ = {};
  told_ = 0;
  while (!later_.empty()) {
    if (!send(later_.front())) return false;
    budget_.remove(later_.front(), sizeof(Payload), account());
    later_bytes_ -= later_.front().size();
    later_.pop_front();
  }
  return true;
}

void Feed::too_large() {
  if (!waits_) return;
  waits_ = false;
  too_large_.schedule();
}

void Feed::on_too_large() {
  if (!watch()) return;
  end("the graph is larger than a snapshot may be; follow a part of it, with ?namespace= or ?kinds=");
}

void Feed::drop_later() {
  for (const Payload& body : later_)
    budget_.remove(body, sizeof body, account());
  later_.clear();
  later_bytes_ = 0;
}

void Feed::tell(const Payload& body) {
  if (level()) {
    fanout::Delta delta;
    delta.change = kube::watch::Change::modified;
    delta.frame = watch()->frame(uri(), body, ++sequence_);
    return offer(delta);  // missed() when there is no room
  }
  if (lost()) {
    ++sequence_;
    return count_dropped(1);
  }
  // Behind: the change follows the snapshot, unless that has to be made again.
  if (fresh_) return;
  if (later_bytes_ + body.size() <= watch()->context().settings.queue_bytes &&
      budget_.has_room(body, sizeof body, account())) {
    budget_.add(body, sizeof body, account());
    later_bytes_ += body.size();
    return later_.push_back(body);
  }
  count_dropped(snapshot_.size() - told_ + later_.size() + 1);
  snapshot_ = {};
  told_ = 0;
  drop_later();
  fresh_ = true;
}

// The queue is full: its client needs a new snapshot.
void Feed::missed(const fanout::Delta&) {
  count_dropped(1);
  fresh_ = true;
}

std::string Feed::last_words(std::string_view reason) const {
  std::string out;
  base::json::Writer w(out);
  w.begin_object().field("action", "ERROR");
  w.field("message", std::string("subscription ends: ").append(reason)).end_object();
  return out;
}

std::string_view Feed::dropped_advice() const {
  return "this subscriber was too slow: that many deltas were not sent; a new snapshot follows and "
         "replaces everything sent before";
}

}  // namespace graph
