// GraphFeed: one subscriber of the graph. What its client lacks at first, and again when it was too
// slow, is the snapshot of its filter's view, in as many deltas as it needs; then come the changes.
// Deltas are numbered per subscriber: one that is missing leaves a gap in `sequence`.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "tools/graph_filter.h"
#include "tools/graph_view.h"
#include "tools/watch_feed.h"

namespace tools {

class GraphWatch;

class GraphFeed final : public WatchFeed {
 public:
  GraphFeed(GraphWatch& watch, mcp::Subscriber& subscriber, GraphFilter filter);
  ~GraphFeed() override;

  const GraphFilter& filter() const { return filter_; }
  // A change of its view, as GraphDelta::body() wrote it.
  void tell(const base::Payload& body);

 private:
  bool catch_up() override;
  void missed(const Delta& delta) override;
  void on_detach() override;
  std::string delta_json(kube::Change, std::string_view) const override { return {}; }
  std::string last_words(std::string_view reason) const override;
  std::string_view dropped_advice() const override;
  bool send(const base::Payload& body);
  GraphWatch& graph() const;

  GraphFilter filter_;
  std::uint64_t sequence_ = 0;
  bool begun_ = false;               // its view is held
  bool fresh_ = false;               // a snapshot is to be taken
  std::deque<base::Payload> parts_;  // of it, then what changed meanwhile
  std::size_t later_ = 0;            // bytes of the latter
};

}  // namespace tools
