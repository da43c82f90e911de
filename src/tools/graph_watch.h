// GraphWatch: one identity's graph, shared by all its subscribers and readers whatever their
// filters. Those with the same filter share a view, and a delta's text.
//
// A change is written down once (graph_turn.h), with its texts; the views look at it one after
// another, kGraphLooks in one turn of the loop, so that many filters delay nobody else. So are
// snapshots made, one at a time: who waits for one is pumped when it is there. A view that has
// fallen behind by several changes is told what they came to.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tools/graph_filter.h"
#include "tools/graph_snapshot.h"
#include "tools/graph_source.h"
#include "tools/graph_view.h"
#include "tools/shared_watch.h"

namespace tools {

class GraphFeed;

// A snapshot's text is kept for as long as clients come one after another, and no longer: it may be
// megabytes.
constexpr base::Duration kGraphSnapshotKept = base::seconds(1);

// In one turn of the loop: some 4 ms of looking and writing.
constexpr std::size_t kGraphLooks = 20'000;
// A snapshot begins anew when its view changes before it is whole; where changes never cease the one
// after so many is made in one go.
constexpr int kGraphSnapshotTries = 5;
// A snapshot that found no room in the budget is tried again after this: who reads slowly is done,
// or cut, after a few times that.
constexpr base::Duration kGraphSnapshotRetry = base::seconds(1);

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
  // feed until drop_view(). An empty snapshot: it is being made; the feed is pumped when it is
  // there.
  void join_view(GraphFeed& feed);
  Snapshot snapshot(const GraphFilter& filter);
  void drop_view(GraphFeed& feed);
  // The notification of a body under a number: made once for all who are at the same number.
  base::Payload frame(const std::string& uri, const base::Payload& body, std::uint64_t sequence);

 private:
  struct Shown {
    GraphView view;
    std::vector<GraphFeed*> feeds;
    std::uint64_t seen;  // the turns before this one
    bool late = false;   // in late_
    bool notes_due = false;
    Snapshot snapshot = {};  // while nothing has changed
    std::unique_ptr<GraphSnapshotMaker> maker = nullptr;
    int begun = 0;  // how often, since the last one was whole
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
  void record();
  void work();
  void bring(Shown& shown, std::size_t& looked);
  void begin_snapshot(Shown& shown);
  bool make_next(std::size_t& looked);
  void tell_made(Shown& shown);
  void set_late(Shown& shown);
  std::uint64_t next_turn() const { return first_turn_ + turns_.size(); }

  GraphSource source_;
  std::map<std::string, Shown> views_;  // by the filter's text
  std::deque<GraphTurn> turns_;         // those that a view has not seen
  std::uint64_t first_turn_ = 0;
  std::deque<Shown*> late_, making_;  // in the order of their coming
  GraphText text_;
  base::Payload notes_body_;
  std::string notes_told_ = "[]";
  struct {
    std::string uri;
    base::Payload body, frame;
    std::uint64_t sequence = 0;
  } last_;                                      // frame made
  std::map<KindId, base::TimePoint> demanded_;  // when it was asked for last
  loop::Deferred work_;
  loop::Timer snapshot_timer_, retry_timer_, demand_timer_;
};

}  // namespace tools
