// GraphWatch: one identity's graph, shared by all its subscribers and readers whatever their
// filters. Those with the same filter share a view, and the text of its deltas.
//
// A change is recorded once (graph_turn.h), with its texts; the views look at it one after another,
// kGraphLooks in one turn of the loop, so that many filters delay nothing else. Snapshots are made
// in the same way, one at a time: the feeds that wait for one are pumped when it is ready. A view
// that has fallen behind by several changes sends their net result.
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

// A snapshot's text is kept while clients follow one another within this time, and no longer: it
// may be megabytes.
constexpr base::Duration kGraphSnapshotKept = base::seconds(1);

// Work in one turn of the loop: some 4 ms of looking and writing.
constexpr std::size_t kGraphLooks = 20'000;
// A snapshot begins again when its view changes before it is whole; where changes never cease, the
// one after this many is made in one go.
constexpr int kGraphSnapshotTries = 5;
// A snapshot that found no room in the budget is retried after this: a slow reader is done, or
// disconnected, after a few times that.
constexpr base::Duration kGraphSnapshotRetry = base::seconds(1);

// How long a kind that must be requested is watched after the last client that requested it.
constexpr base::Duration kGraphDemandKept = base::minutes(2);

class GraphWatch final : public SharedWatch, private GraphSourceHandler {
 public:
  GraphWatch(WatchManager& manager, Spec spec);

  // A client with this filter needs the kinds that it names. Call it before join().
  void demand(const GraphFilter& filter);
  // For reads. Requires: ready().
  const GraphStore& store() const { return source_.store(); }
  // The source's notes; one more while the watch is down.
  std::string notes() const;
  void describe(std::vector<WatchInfo>& out) const override;

  // For feeds. join_view() keeps the view of the feed's filter for it until drop_view().
  // snapshot(): the view's snapshot, as bodies; empty while it is being made: the feed is pumped
  // when it is ready.
  void join_view(GraphFeed& feed);
  Snapshot snapshot(const GraphFilter& filter);
  void drop_view(GraphFeed& feed);
  // The notification of a body with its number: made once for all feeds at the same number.
  base::Payload frame(const std::string& uri, const base::Payload& body, std::uint64_t sequence);

 private:
  struct Shown {
    GraphView view;
    std::vector<GraphFeed*> feeds;
    std::uint64_t seen;  // the turns before this one were looked at
    bool late = false;   // in late_
    bool notes_due = false;
    Snapshot snapshot = {};  // kept while nothing changes
    std::unique_ptr<GraphSnapshotMaker> maker = nullptr;
    int begun = 0;  // how often, since one was last whole
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
  std::deque<GraphTurn> turns_;         // those that some view has not looked at
  std::uint64_t first_turn_ = 0;
  std::deque<Shown*> late_, making_;  // in order of arrival
  GraphText text_;
  base::Payload notes_body_;
  std::string notes_told_ = "[]";
  struct {
    std::string uri;
    base::Payload body, frame;
    std::uint64_t sequence = 0;
  } last_;                                      // the last frame made
  std::map<KindId, base::TimePoint> demanded_;  // when each was last requested
  loop::Deferred work_;
  loop::Timer snapshot_timer_, retry_timer_, demand_timer_;
};

}  // namespace tools
