#include "graph/watch.h"

#include <algorithm>
#include <utility>

#include "cluster/refusal.h"
#include "cluster/rpc_error.h"
#include "graph/feed.h"

namespace graph {

using base::Payload;

Watch::Watch(fanout::Manager& manager, Spec spec)
    : fanout::SharedWatch(manager, std::move(spec)),
      source_(context().kube, scope(), key(), static_cast<kube::watch::Health&>(*this),
              Source::ChangeFn::bind<&Watch::on_graph>(this)),
      text_(source_.store()),
      work_(context().kube.loop, "graph views", loop::Deferred::Fn::bind<&Watch::work>(this)),
      snapshot_timer_(context().kube.loop, "graph snapshot",
                      loop::Timer::Fn::bind<&Watch::forget_snapshots>(this)),
      retry_timer_(context().kube.loop, "graph snapshot retry",
                   loop::Timer::Fn::bind<&Watch::work>(this)),
      demand_timer_(context().kube.loop, "graph demand",
                    loop::Timer::Fn::bind<&Watch::on_demand_time>(this)) {}

void Watch::close() {
  source_.stop();
  work_.cancel();
  snapshot_timer_.cancel();
  retry_timer_.cancel();
  demand_timer_.cancel();
}

void Watch::on_denied(const kube::Failure& failure) {
  if (ready() || !cluster::is_refused(failure)) return SharedWatch::on_denied(failure);
  const model::Kinds& kinds = source_.kinds();
  std::deque<cluster::Collection> refused;
  std::vector<cluster::Asked> asked;
  for (std::size_t id = 0; id < kinds.size(); ++id) {
    const model::Kind& kind = kinds[static_cast<model::KindId>(id)];
    if (kind.state == model::KindState::forbidden)
      asked.push_back({"list, watch", refused.emplace_back(kind.resource), {}});
  }
  std::string text = std::string(task()) + ": " + failure.message;
  for (const std::string& rule : cluster::rule_texts(asked))
    text += "; " + rule;
  text +=
      "; the graph is of all namespaces, also where 'namespace' shows a part of it: with rights in one "
      "namespace only, list its objects instead (clusterDeployments.list, objects.list)";
  refuse_all(cluster::to_rpc(failure.code, std::move(text)));
}

void Watch::demand(const model::Filter& filter) {
  std::vector<model::KindId> kinds;
  for (const std::string& type : filter.kinds) {
    const model::KindId kind = source_.kinds().find(type);
    if (kind != model::kNoKind && source_.kinds()[kind].policy == model::KindPolicy::asked)
      kinds.push_back(kind);
  }
  if (kinds.empty()) return;
  for (const model::KindId kind : kinds)
    demanded_[kind] = context().kube.loop.now();
  demand_timer_.arm(kGraphDemandKept);
  source_.demand(kinds);
}

void Watch::on_demand_time() {
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

void Watch::forget_snapshots() {
  for (auto& [text, shown] : views_)
    shown.snapshot = {};
}

kube::watch::WatchStatus Watch::status() const {
  if (const KindWatch* first = source_.first()) return first->reflector().status();
  kube::watch::WatchStatus status;
  status.state = "discovering";
  return status;
}

void Watch::describe(std::vector<fanout::WatchInfo>& out) const {
  const std::size_t before = out.size();
  source_.describe(out);
  if (out.size() == before) return fanout::SharedWatch::describe(out);
  for (std::size_t i = before; i < out.size(); ++i) {
    out[i].identity = identity();
    out[i].subscribers = subscribers();
  }
}

std::string Watch::notes() const {
  std::string out = source_.notes();
  if (!stale()) return out;
  out.insert(out.size() - 1, std::string(out.size() > 2 ? "," : "") +
                                 "\"the watch is down: this is the last known state\"");
  return out;
}

void Watch::join_view(Feed& feed) {
  const std::string text = feed.filter().text();
  auto at = views_.find(text);
  if (at == views_.end()) at = views_.emplace(text, Shown{feed.filter(), {}}).first;
  at->second.feeds.push_back(&feed);
}

void Watch::drop_view(Feed& feed) {
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
fanout::Snapshot Watch::snapshot(const model::Filter& filter) {
  Shown& shown = views_.find(filter.text())->second;
  snapshot_timer_.arm(kGraphSnapshotKept);
  if (shown.snapshot || std::exchange(shown.wanted, true)) return shown.snapshot;
  making_.push_back(&shown);
  work_.schedule();
  return {};
}

Payload Watch::frame(const std::string& uri, const Payload& body, std::uint64_t sequence) {
  if (last_.uri != uri || last_.sequence != sequence ||
      last_.body.view().data() != body.view().data()) {
    last_.uri = uri;
    last_.sequence = sequence;
    last_.body = body;
    last_.frame = mcp::update_frame(uri, model::Delta::numbered(body.view(), sequence));
  }
  return last_.frame;
}

void Watch::begin_snapshot(Shown& shown) {
  shown.maker =
      std::make_unique<SnapshotMaker>(source_.store(), context().snapshots(), identity(), notes());
  ++shown.begun;
}

// ---- changes

void Watch::set_late(Shown& shown) {
  if (!shown.view || !shown.view->begun() || std::exchange(shown.late, true)) return;
  late_.push_back(&shown);
}

// Records what changed in the store, for each view.
void Watch::record() {
  model::Store& store = source_.store();
  store.prune();
  model::Turn turn = store.settle();
  if (turn.nodes.empty() && turn.edges.empty()) return;
  text_.clear();
  if (!readers_.empty()) readers_.front()->picture().follow(turn);
  if (views_.empty()) return;
  turns_.push_back(std::move(turn));
  for (auto& [text, shown] : views_) {
    if (shown.view && !shown.view->begun()) shown.view->follow(turns_.back());
    set_late(shown);
  }
}

void Watch::on_graph() {
  record();
  if (std::exchange(notes_told_, source_.notes()) != source_.notes() && source_.settled()) {
    model::Delta delta;
    delta.action = "modified";
    notes_body_ = Payload(delta.body(source_.notes()));
    for (auto& [text, shown] : views_) {
      shown.notes_due = shown.view && shown.view->begun();
      set_late(shown);
    }
  }
  work();
}

void Watch::work() {
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
  answered_ = 0;
  while (!readers_.empty() && looked + answered_ < kGraphLooks)
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
bool Watch::bring(Shown& shown, std::size_t& looked) {
  if (!shown.late) return true;
  std::vector<const model::Turn*> turns;
  for (std::uint64_t turn = shown.seen; turn < next_turn(); ++turn)
    turns.push_back(&turns_[static_cast<std::size_t>(turn - first_turn_)]);
  std::vector<Payload> bodies;
  for (const model::Delta& delta : shown.view->update(turns, text_, looked, kGraphLooks))
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
    for (Feed* feed : shown.feeds)
      feed->tell(body);
  }
  return !shown.late;
}

// Continues the first of making_, which leaves the list when it is whole. False: the budget has no
// room now.
bool Watch::make_next(std::size_t& looked) {
  Shown& shown = *making_.front();
  if (!bring(shown, looked)) return true;
  if (!shown.view) shown.view.emplace(source_.store(), shown.filter);
  if (!shown.view->begun()) {
    if (!shown.view->begin(looked, kGraphLooks)) return true;
    shown.seen = next_turn();
  }
  if (!shown.maker) begin_snapshot(shown);
  const std::size_t most = shown.begun > kGraphSnapshotTries ? SIZE_MAX : kGraphLooks;
  auto made = shown.maker->make(*shown.view, looked, most);
  if (made == SnapshotMaker::Made::no_room) {
    // Snapshots that are kept for later newcomers make room for the subscribers that wait.
    forget_snapshots();
    made = shown.maker->make(*shown.view, looked, most);
  }
  // Alone in the budget: it will never fit.
  if (made == SnapshotMaker::Made::no_room &&
      context().snapshots()->used() <= shown.maker->charged()) {
    give_up(shown);
    return true;
  }
  if (made != SnapshotMaker::Made::whole) return made == SnapshotMaker::Made::more;
  shown.begun = 0;
  shown.wanted = false;
  making_.pop_front();
  shown.snapshot = shown.maker->take();
  shown.maker.reset();
  return true;
}

void Watch::give_up(Shown& shown) {
  shown.begun = 0;
  shown.wanted = false;
  making_.pop_front();
  shown.maker.reset();
  for (Feed* feed : shown.feeds)
    feed->too_large();
}

void Watch::tell_made(Shown& shown) {
  // A feed that leaves meanwhile stays in memory until the end of the turn; the view may go with
  // it.
  const std::vector<Feed*> feeds = shown.feeds;
  for (Feed* feed : feeds) {
    if (feed->waits_for_snapshot()) feed->on_room();
  }
}

// ---- readers

void Watch::add_reader(Reader& reader) {
  readers_.push_back(&reader);
  work_.schedule();
}

void Watch::drop_reader(Reader& reader) {
  if (readers_.empty()) return;
  if (readers_.front() == &reader) drawn_.reset();
  std::erase(readers_, &reader);
}

// Goes on with the first, which leaves when it is whole. The others hold nothing yet.
void Watch::draw_next(std::size_t& looked) {
  Reader& reader = *readers_.front();
  model::Picture& picture = reader.picture();
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
  // What the reader makes of it takes its time, too.
  answered_ += picture.bytes() / kBytesOfLook;
  drop_reader(reader);
  reader.on_drawn();
}

}  // namespace graph
