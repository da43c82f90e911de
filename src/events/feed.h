// Feed: one subscriber of events. It sends its client the snapshot first; then, folded per
// event, what changed while the client was behind or did not fit into its queue. A client that
// applies the deltas ends with the cluster's state, however slow it is, and receives DELETED for
// each event that it knows and that is gone.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "fanout/delta_fold.h"
#include "fanout/snapshot.h"
#include "fanout/typed.h"

namespace events {

class Watch;

class Feed final : public fanout::FeedOf<Watch> {
 public:
  Feed(Watch& watch, mcp::Subscriber& subscriber);

 private:
  bool catch_up() override;
  void missed(const fanout::Delta& delta) override;
  std::string delta_json(kube::watch::Change change, std::string_view doc) const override;
  std::string last_words(std::string_view reason) const override;
  std::string_view dropped_advice() const override;

  std::string ns_;
  bool begun_ = false;         // the snapshot was taken
  fanout::Snapshot snapshot_;  // those from told_ on are still to be sent
  bool framed_ = false;        // the snapshot's payloads are frames; else events
  std::size_t told_ = 0;
  std::unique_ptr<fanout::DeltaFold> rest_;  // changes to send after the snapshot
};

}  // namespace events
