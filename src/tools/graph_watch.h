// GraphWatch: one identity's graph, shared by all its subscribers and readers whatever their
// filters. Those with the same filter share a view, and a delta's text.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tools/graph_filter.h"
#include "tools/graph_source.h"
#include "tools/graph_view.h"
#include "tools/shared_watch.h"

namespace tools {

class GraphFeed;

// A snapshot's text is kept for as long as clients come one after another, and no longer: it may be
// megabytes.
constexpr base::Duration kGraphSnapshotKept = base::seconds(1);

// A kind that has to be asked for is watched for so long after the last reader who asked for it.
constexpr base::Duration kGraphDemandKept = base::minutes(2);

class GraphWatch final : public SharedWatch, private GraphSourceHandler {
 public:
  GraphWatch(WatchManager& manager, Spec spec);

  // One who comes with this filter needs the kinds that it names; before join().
  void demand(const GraphFilter& filter);
  // For readers. Requires: ready.
  const GraphStore& store() const { return source_.store(); }
  // With what stands against their completeness now (the watch is down).
  std::string notes() const;
  void describe(std::vector<WatchInfo>& out) const override;

  // For feeds: the snapshot of a filter's view, as bodies; from then on the view is kept for the
  // feed until drop_view().
  void join_view(GraphFeed& feed);
  std::vector<base::Payload> snapshot(const GraphFilter& filter);
  void drop_view(GraphFeed& feed);
  // The notification of a body under a number: made once for all who are at the same number.
  base::Payload frame(const std::string& uri, const base::Payload& body, std::uint64_t sequence);

 private:
  struct Shown {
    GraphView view;
    std::vector<GraphFeed*> feeds;
    std::vector<base::Payload> snapshot;  // while nothing has changed
  };
  void begin(kube::Attempt attempt) override {
    source_.start(credentials(), std::move(attempt));
  }
  void close() override;
  bool ready() const override { return source_.complete(); }
  void use(const kube::Credentials& credentials) override { source_.set_credentials(credentials); }
  kube::WatchStatus status() const override;
  std::vector<Access> needs() const override { return source_.needs(); }

  void on_settled() override { accept_all(); }
  void on_refused(const kube::Failure& failure) override;
  void on_graph() override;
  void on_source_down(const kube::Failure& failure, base::Duration retry_in) override;
  void on_source_up() override { came_up(); }
  bool on_unauthorized() override { return try_other_token(); }
  void forget_snapshots();
  void on_demand_time();

  GraphSource source_;
  std::map<std::string, Shown> views_;  // by the filter's text
  std::string notes_told_ = "[]";
  struct {
    std::string uri;
    base::Payload body, frame;
    std::uint64_t sequence = 0;
  } last_;                                      // frame made
  std::map<KindId, base::TimePoint> demanded_;  // when it was asked for last
  loop::Timer snapshot_timer_, demand_timer_;
};

}  // namespace tools
