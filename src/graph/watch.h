// Watch: one identity's graph, shared by all its subscribers and readers whatever their
// filters. Those with the same filter share a view, and the text of its deltas.
//
// A change is written down once (model/turn.h), with its texts; the views look at it one after
// another, kGraphLooks in one turn of the loop, so that many filters delay no other client.
// Snapshots are made in the same way, one at a time, and a subscriber that waits is pumped when its
// own is there; after them come the pictures that readers wait for. A view that has fallen behind by
// several changes receives their net result.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fanout/shared_watch.h"
#include "graph/model/filter.h"
#include "graph/model/picture.h"
#include "graph/model/view.h"
#include "graph/snapshot.h"
#include "graph/source.h"

namespace graph {

class Feed;

// A snapshot's text is kept while clients follow one another within this time, and no longer: it
// may be megabytes.
constexpr base::Duration kGraphSnapshotKept = base::seconds(1);

// Work in one turn of the loop: some 4 ms of looking and writing.
constexpr std::size_t kGraphLooks = 20'000;
// Bytes of an answer that take as long as one look: they are parsed, cut and masked.
constexpr std::size_t kBytesOfLook = 25;
// A snapshot begins again when its view changes before it is whole; where changes never cease, the
// one after this many is made in one go.
constexpr int kGraphSnapshotTries = 5;
// A snapshot that found no room in the budget is retried after this: a slow reader is done, or
// disconnected, after a few times that.
constexpr base::Duration kGraphSnapshotRetry = base::seconds(1);

// How long a kind that must be requested is watched after the last client that requested it.
constexpr base::Duration kGraphDemandKept = base::minutes(2);

class Watch final : public fanout::SharedWatch {
 public:
  Watch(fanout::Manager& manager, Spec spec);

  // A reader that waits for a picture. Exactly one of the two, once, as the last statement, unless
  // it is dropped before.
  class Reader {
   public:
    virtual ~Reader() = default;
    virtual model::Picture& picture() = 0;
    virtual void on_drawn() = 0;
    virtual void on_no_room() = 0;  // the budget of snapshots is full, or the caller's share of it
  };
  // Requires: ready. It is drawn in its turn, never inside.
  void add_reader(Reader& reader);
  void drop_reader(Reader& reader);

  // A subscriber with this filter needs the kinds that it names; before join().
  void demand(const model::Filter& filter);
  // For reads. Requires: ready().
  const model::Store& store() const { return source_.store(); }
  // The most that one turn of the loop has looked at, for tests.
  std::size_t most_looked() const { return most_looked_; }
  // With what stands against their completeness now (the watch is down).
  std::string notes() const;
  void describe(std::vector<fanout::WatchInfo>& out) const override;

  // For feeds. join_view() keeps the view of the feed's filter for it until drop_view().
  // snapshot(): the view's snapshot, as bodies; empty while it is being made: the feed is pumped
  // when it is ready.
  void join_view(Feed& feed);
  fanout::Snapshot snapshot(const model::Filter& filter);
  void drop_view(Feed& feed);
  // The notification of a body with its number: made once for all feeds at the same number.
  base::Payload frame(const std::string& uri, const base::Payload& body, std::uint64_t sequence);

 private:
  struct Shown {
    model::Filter filter;
    std::vector<Feed*> feeds;
    std::optional<model::View> view = {};  // once a snapshot is begun
    std::uint64_t seen = 0;                // the turns before this one
    bool late = false;                     // in late_
    bool notes_due = false;
    fanout::Snapshot snapshot = {};                  // while nothing has changed
    bool wanted = false;                             // a snapshot is: in making_
    std::unique_ptr<SnapshotMaker> maker = nullptr;  // once the view is on
    int begun = 0;                                   // how often, since the last one was whole
  };
  void begin(kube::watch::Attempt attempt) override {
    source_.start(credentials(), std::move(attempt));
  }
  void close() override;
  bool ready() const override { return source_.complete(); }
  void use(const kube::config::Credentials& credentials) override {
    source_.set_credentials(credentials);
  }
  kube::watch::WatchStatus status() const override;
  std::vector<auth::Access> needs() const override { return source_.needs(); }

  std::string_view task() const override { return "watch the graph"; }
  void on_denied(const kube::Failure& failure) override;

  void on_graph();
  void forget_snapshots();
  void on_demand_time();
  void record();
  void work();
  bool bring(Shown& shown, std::size_t& looked);
  void begin_snapshot(Shown& shown);
  bool make_next(std::size_t& looked);
  void tell_made(Shown& shown);
  void give_up(Shown& shown);
  void draw_next(std::size_t& looked);
  void set_late(Shown& shown);
  std::uint64_t next_turn() const { return first_turn_ + turns_.size(); }

  Source source_;
  std::map<std::string, Shown> views_;  // by the filter's text
  std::deque<model::Turn> turns_;       // those that some view has not looked at
  std::uint64_t first_turn_ = 0;
  std::deque<Shown*> late_, making_;   // in the order of their coming
  std::deque<Reader*> readers_;        // the first is being drawn
  std::optional<base::Charge> drawn_;  // for its picture
  std::size_t most_looked_ = 0;
  std::size_t answered_ = 0;  // in this turn, as looks
  model::Text text_;
  base::Payload notes_body_;
  std::string notes_told_ = "[]";
  struct {
    std::string uri;
    base::Payload body, frame;
    std::uint64_t sequence = 0;
  } last_;                                             // the last frame made
  std::map<model::KindId, base::TimePoint> demanded_;  // when each was last requested
  loop::Deferred work_;
  loop::Timer snapshot_timer_, retry_timer_, demand_timer_;
};

}  // namespace graph
