// CollectionFeed: one subscriber of a CollectionWatch. It sends its client the snapshot first; then,
// folded per object, what changed while the client was behind or did not fit into its queue. A
// client that applies the deltas ends with the cluster's state, however slow it is, and receives
// DELETED for each object that it knows and that is gone.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "fanout/collection_watch.h"
#include "fanout/delta_fold.h"
#include "fanout/snapshot.h"
#include "fanout/typed.h"

namespace fanout {

class CollectionFeed final : public FeedOf<CollectionWatch> {
 public:
  CollectionFeed(CollectionWatch& watch, mcp::Subscriber& subscriber);

 private:
  bool catch_up() override;
  void missed(const Delta& delta) override;
  std::string delta_json(kube::watch::Change change, std::string_view doc) const override;
  std::string last_words(std::string_view reason) const override;
  std::string_view dropped_advice() const override;

  const Words words_;    // the watch may go first
  bool begun_ = false;   // the snapshot was taken
  Snapshot snapshot_;    // those from told_ on are still to be sent
  bool framed_ = false;  // the snapshot's payloads are frames; else objects
  std::size_t told_ = 0;
  std::unique_ptr<DeltaFold> rest_;  // changes to send after the snapshot
};

}  // namespace fanout
