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
      snapshot_timer_(context().kube.loop, "graph snapshot",
                      loop::Timer::Fn::bind<&GraphWatch::forget_snapshots>(this)),
      demand_timer_(context().kube.loop, "graph demand",
                    loop::Timer::Fn::bind<&GraphWatch::on_demand_time>(this)) {}

void GraphWatch::close() {
  source_.stop();
  snapshot_timer_.cancel();
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
      if (shown.view.filter().names_kind(type)) it->second = now;
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
    shown.snapshot.clear();
}

kube::WatchStatus GraphWatch::status() const {
  if (const GraphKindWatch* first = source_.first()) return first->reflector().status();
  kube::WatchStatus status;
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
                                 "\"the API server is away: this is the last known state\"");
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
  if (at == views_.end()) {
    // What is touched now is told to those who are there first: the new view has seen it.
    on_graph();
    at = views_.emplace(text, Shown{GraphView(source_.store(), feed.filter()), {}, {}}).first;
  }
  at->second.feeds.push_back(&feed);
}

void GraphWatch::drop_view(GraphFeed& feed) {
  const auto at = views_.find(feed.filter().text());
  if (at == views_.end()) return;
  std::erase(at->second.feeds, &feed);
  if (at->second.feeds.empty()) views_.erase(at);
}

std::vector<Payload> GraphWatch::snapshot(const GraphFilter& filter) {
  Shown& shown = views_.find(filter.text())->second;
  if (shown.snapshot.empty()) {
    for (const GraphDelta& delta : shown.view.snapshot())
      shown.snapshot.emplace_back(delta.body(shown.snapshot.empty() ? notes() : std::string()));
  }
  snapshot_timer_.arm(kGraphSnapshotKept);
  return shown.snapshot;
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

// What the store's touch came to is told to each view.
void GraphWatch::on_graph() {
  GraphStore& store = source_.store();
  store.prune();
  forget_snapshots();
  std::vector<Payload> notes;
  if (std::exchange(notes_told_, source_.notes()) != source_.notes() && source_.settled()) {
    GraphDelta delta;
    delta.action = "modified";
    notes.emplace_back(delta.body(source_.notes()));
  }
  for (auto& [text, shown] : views_) {
    std::vector<Payload> bodies;
    if (store.touched()) {
      for (const GraphDelta& delta : shown.view.update())
        bodies.emplace_back(delta.body());
    }
    bodies.insert(bodies.end(), notes.begin(), notes.end());
    for (const Payload& body : bodies) {
      for (GraphFeed* feed : shown.feeds)
        feed->tell(body);
    }
  }
  last_ = {};
  store.settle();
}

}  // namespace tools
