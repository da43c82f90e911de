#include "tools/graph_watch.h"

#include <algorithm>
#include <utility>

#include "tools/failure_to_rpc.h"
#include "tools/graph_feed.h"

namespace tools {

using base::Payload;

GraphWatch::GraphWatch(WatchManager& manager, Spec spec)
    : SharedWatch(manager, std::move(spec)),
      source_(context().kube, upstream(), key(), static_cast<GraphSourceHandler&>(*this)),
      text_(source_.store()),
      work_(context().kube.loop, "graph views", loop::Deferred::Fn::bind<&GraphWatch::work>(this)),
      snapshot_timer_(context().kube.loop, "graph snapshot",
                      loop::Timer::Fn::bind<&GraphWatch::forget_snapshots>(this)),
      retry_timer_(context().kube.loop, "graph snapshot retry",
                   loop::Timer::Fn::bind<&GraphWatch::work>(this)),
      demand_timer_(context().kube.loop, "graph demand",
                    loop::Timer::Fn::bind<&GraphWatch::on_demand_time>(this)) {}

void GraphWatch::close() {
  source_.stop();
  work_.cancel();
  snapshot_timer_.cancel();
  retry_timer_.cancel();
  demand_timer_.cancel();
}

void GraphWatch::demand(const GraphFilter& filter) {
  std::vector<KindId> kinds;
  for (const std::string& type : filter.kinds) {
    const KindId kind = source_.kinds().find(type);
    if (kind != kNoKind && source_.kinds()[kind].policy == KindPolicy::asked) kinds.push_back(kind);
  }
  if (kinds.empty()) return;
  for (const KindId kind : kinds)
    demanded_[kind] = context().kube.loop.now();
  demand_timer_.arm(kGraphDemandKept);
  source_.demand(kinds);
}

void GraphWatch::on_demand_time() {
  const base::TimePoint now = context().kube.loop.now();
  for (auto it = demanded_.begin(); it != demanded_.end();) {
    const std::string& type = source_.kinds()[it->first].type;
    for (const auto& [text, shown] : views_) {
      if (shown.filter.names_kind(type)) it->second = now;
    }
    if (now - it->second < kGraphDemandKept) {
      ++it;
      continue;
    }
    source_.drop_demand(it->first);
    it = demanded_.erase(it);
  }
  if (!demanded_.empty()) demand_timer_.arm(kGraphDemandKept);
}

void GraphWatch::forget_snapshots() {
  for (auto& [text, shown] : views_)
    shown.snapshot = {};
}

kube::watch::WatchStatus GraphWatch::status() const {
  if (const GraphKindWatch* first = source_.first()) return first->reflector().status();
  kube::watch::WatchStatus status;
  status.state = "discovering";
  return status;
}

void GraphWatch::describe(std::vector<WatchInfo>& out) const {
  const std::size_t before = out.size();
  source_.describe(out);
  if (out.size() == before) return SharedWatch::describe(out);
  for (std::size_t i = before; i < out.size(); ++i) {
    out[i].identity = identity();
    out[i].subscribers = subscribers();
  }
}

std::string GraphWatch::notes() const {
  std::string out = source_.notes();
  if (!stale()) return out;
  out.insert(out.size() - 1, std::string(out.size() > 2 ? "," : "") +
                                 "\"the watch is down: this is the last known state\"");
  return out;
}

void GraphWatch::on_refused(const kube::Failure& failure) {
  refuse_all(to_rpc(failure, "watch the graph"));
}

void GraphWatch::on_source_down(const kube::Failure& failure, base::Duration retry_in) {
  went_down(failure.message, retry_in);
}

void GraphWatch::join_view(GraphFeed& feed) {
  const std::string text = feed.filter().text();
  auto at = views_.find(text);
  if (at == views_.end()) at = views_.emplace(text, Shown{feed.filter(), {}}).first;
  at->second.feeds.push_back(&feed);
}

void GraphWatch::drop_view(GraphFeed& feed) {
  const auto at = views_.find(feed.filter().text());
  if (at == views_.end()) return;
  Shown& shown = at->second;
  std::erase(shown.feeds, &feed);
  if (!shown.feeds.empty()) return;
  std::erase(late_, &shown);
  std::erase(making_, &shown);
  views_.erase(at);
}

// Made in turns of its own: those that become ready together may have many filters.
Snapshot GraphWatch::snapshot(const GraphFilter& filter) {
  Shown& shown = views_.find(filter.text())->second;
  snapshot_timer_.arm(kGraphSnapshotKept);
  if (shown.snapshot || std::exchange(shown.wanted, true)) return shown.snapshot;
  making_.push_back(&shown);
  work_.schedule();
  return {};
}

Payload GraphWatch::frame(const std::string& uri, const Payload& body, std::uint64_t sequence) {
  if (last_.uri != uri || last_.sequence != sequence ||
      last_.body.view().data() != body.view().data()) {
    last_.uri = uri;
    last_.sequence = sequence;
    last_.body = body;
    last_.frame = mcp::update_frame(uri, GraphDelta::numbered(body.view(), sequence));
  }
  return last_.frame;
}

void GraphWatch::begin_snapshot(Shown& shown) {
  shown.maker = std::make_unique<GraphSnapshotMaker>(source_.store(), context().snapshots(),
                                                     identity(), notes());
  ++shown.begun;
}

// ---- changes

void GraphWatch::set_late(Shown& shown) {
  if (!shown.view || std::exchange(shown.late, true)) return;
  late_.push_back(&shown);
}

// Records what changed in the store, for each view.
void GraphWatch::record() {
  GraphStore& store = source_.store();
  store.prune();
  GraphTurn turn = store.settle();
  if (turn.nodes.empty() && turn.edges.empty()) return;
  text_.clear();
  if (!readers_.empty()) readers_.front()->picture().follow(turn);
  if (views_.empty()) return;
  turns_.push_back(std::move(turn));
  for (auto& [text, shown] : views_)
    set_late(shown);
}

void GraphWatch::on_graph() {
  record();
  if (std::exchange(notes_told_, source_.notes()) != source_.notes() && source_.settled()) {
    GraphDelta delta;
    delta.action = "modified";
    notes_body_ = Payload(delta.body(source_.notes()));
    for (auto& [text, shown] : views_) {
      shown.notes_due = shown.view.has_value();
      set_late(shown);
    }
  }
  work();
}

void GraphWatch::work() {
  record();
  std::size_t looked = 0;
  while (!late_.empty() && looked < kGraphLooks)
    bring(*late_.front(), looked);
  bool room = true;
  while (room && !making_.empty() && looked < kGraphLooks) {
    Shown* shown = making_.front();
    room = make_next(looked);
    if (!shown->wanted) tell_made(*shown);
  }
  while (!readers_.empty() && looked < kGraphLooks)
    draw_next(looked);
  most_looked_ = std::max(most_looked_, looked);
  std::uint64_t seen = next_turn();
  for (const Shown* shown : late_)
    seen = std::min(seen, shown->seen);
  for (; first_turn_ < seen; ++first_turn_)
    turns_.pop_front();
  last_ = {};
  if (late_.empty()) text_.clear();
  if (!room) retry_timer_.arm(kGraphSnapshotRetry);
  if (!late_.empty() || (room && !making_.empty()) || !readers_.empty()) work_.schedule();
}

// False: there is more of its changes than fits into this turn; others have theirs first.
bool GraphWatch::bring(Shown& shown, std::size_t& looked) {
  if (!shown.late) return true;
  std::vector<const GraphTurn*> turns;
  for (std::uint64_t turn = shown.seen; turn < next_turn(); ++turn)
    turns.push_back(&turns_[static_cast<std::size_t>(turn - first_turn_)]);
  std::vector<Payload> bodies;
  for (const GraphDelta& delta : shown.view->update(turns, text_, looked, kGraphLooks))
    bodies.emplace_back(delta.body());
  std::erase(late_, &shown);
  shown.late = !shown.view->whole();
  if (shown.late) {
    late_.push_back(&shown);
  } else {
    shown.seen = next_turn();
    if (std::exchange(shown.notes_due, false)) bodies.push_back(notes_body_);
  }
  if (!bodies.empty()) {
    shown.snapshot = {};
    shown.maker.reset();
  }
  for (const Payload& body : bodies) {
    for (GraphFeed* feed : shown.feeds)
      feed->tell(body);
  }
  return !shown.late;
}

// Continues the first of making_, which leaves the list when it is whole. False: the budget has no
// room now.
bool GraphWatch::make_next(std::size_t& looked) {
  Shown& shown = *making_.front();
  if (!bring(shown, looked)) return true;
  if (!shown.view) {
    const GraphStore& store = source_.store();
    shown.view.emplace(store, shown.filter);
    shown.seen = next_turn();
    looked += (store.node_slots() + store.edge_slots()) / 2;
  }
  if (!shown.maker) begin_snapshot(shown);
  const std::size_t most = shown.begun > kGraphSnapshotTries ? SIZE_MAX : kGraphLooks;
  auto made = shown.maker->make(*shown.view, looked, most);
  if (made == GraphSnapshotMaker::Made::no_room) {
    // Snapshots that are kept for later newcomers make room for the subscribers that wait.
    forget_snapshots();
    made = shown.maker->make(*shown.view, looked, most);
  }
  if (made != GraphSnapshotMaker::Made::whole) return made == GraphSnapshotMaker::Made::more;
  shown.begun = 0;
  shown.wanted = false;
  making_.pop_front();
  shown.snapshot = shown.maker->take();
  shown.maker.reset();
  return true;
}

void GraphWatch::tell_made(Shown& shown) {
  // A feed that leaves meanwhile stays in memory until the end of the turn; the view may go with
  // it.
  const std::vector<GraphFeed*> feeds = shown.feeds;
  for (GraphFeed* feed : feeds) {
    if (feed->waits_for_snapshot()) feed->on_room();
  }
}

// ---- readers

void GraphWatch::add_reader(Reader& reader) {
  readers_.push_back(&reader);
  work_.schedule();
}

void GraphWatch::drop_reader(Reader& reader) {
  if (readers_.empty()) return;
  if (readers_.front() == &reader) drawn_.reset();
  std::erase(readers_, &reader);
}

// Goes on with the first, which leaves when it is whole. The others hold nothing yet.
void GraphWatch::draw_next(std::size_t& looked) {
  Reader& reader = *readers_.front();
  GraphPicture& picture = reader.picture();
  const bool whole = picture.draw(notes(), looked, kGraphLooks);
  if (base::Budget* budget = context().snapshots()) {
    if (!drawn_) drawn_.emplace(*budget);
    const std::size_t more = picture.bytes() - std::min(picture.bytes(), drawn_->size());
    bool room = more == 0 || drawn_->take(more, identity());
    if (!room) {
      forget_snapshots();
      room = drawn_->take(more, identity());
    }
    if (!room) {
      drop_reader(reader);
      return reader.on_no_room();
    }
  }
  if (!whole) return;
  drop_reader(reader);
  reader.on_drawn();
}

}  // namespace tools
