// EventFeed: one subscriber of events. What its client lacks: at first the snapshot; then, folded
// per event, what changed while it was behind or did not fit into its queue. So a client that
// applies what it is told ends with what the cluster holds, however slow it was, and is told
// DELETED of each event that it knows.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "tools/delta_fold.h"
#include "tools/snapshot.h"
#include "tools/watch_feed.h"

namespace tools {

class EventWatch;

class EventFeed final : public WatchFeed {
 public:
  EventFeed(EventWatch& watch, mcp::Subscriber& subscriber);

 private:
  bool catch_up() override;
  void missed(const Delta& delta) override;
  std::string delta_json(kube::Change change, std::string_view doc) const override;
  std::string last_words(std::string_view reason) const override;
  std::string_view dropped_advice() const override;

  std::string ns_;
  bool begun_ = false;  // the snapshot was taken
  Snapshot snapshot_;   // of it those from told_ on are still to be told
  bool framed_ = false;  // else its payloads are events
  std::size_t told_ = 0;
  std::unique_ptr<DeltaFold> rest_;  // after it
};

}  // namespace tools
