// Feed: one subscriber of the graph. It sends the snapshot of its filter's view, in as many
// deltas as that needs, then the changes; a subscriber that was too slow gets a new snapshot.
// Deltas are numbered per subscriber: a missing one leaves a gap in `sequence`.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "fanout/snapshot.h"
#include "fanout/typed.h"
#include "graph/model/filter.h"
#include "graph/model/view.h"
#include "loop/loop.h"

namespace graph {

class Watch;

class Feed final : public fanout::FeedOf<Watch> {
 public:
  Feed(Watch& watch, mcp::Subscriber& subscriber, model::Filter filter);
  ~Feed() override;

  const model::Filter& filter() const { return filter_; }
  // Sends a change of its view, as model::Delta::body() wrote it.
  void tell(const base::Payload& body);
  // The watch is making the snapshot that it lacks; on_room() continues once that is ready.
  bool waits_for_snapshot() const { return waits_; }
  // The snapshot is larger than all snapshots together may be: the subscription ends, in a callback
  // of its own, and says so. No effect for a feed that waits for none.
  void too_large();

 private:
  bool catch_up() override;
  void missed(const fanout::Delta& delta) override;
  void on_detach() override;
  std::string delta_json(kube::watch::Change, std::string_view) const override { return {}; }
  std::string last_words(std::string_view reason) const override;
  std::string_view dropped_advice() const override;
  bool send(const base::Payload& body);
  void drop_later();
  void on_too_large();

  base::QueueBudget& budget_;
  model::Filter filter_;
  std::uint64_t sequence_ = 0;
  bool begun_ = false;         // the watch keeps its view
  bool fresh_ = false;         // a snapshot is to be taken
  bool waits_ = false;         // for the snapshot
  loop::Deferred too_large_;   // scheduled: it ends
  fanout::Snapshot snapshot_;  // those from told_ on are still to be sent
  std::size_t told_ = 0;
  std::deque<base::Payload> later_;  // changes since the snapshot; counted in the queues' budget
  std::size_t later_bytes_ = 0;
};

}  // namespace graph
