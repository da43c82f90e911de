#include "tools/graph_view.h"

#include <algorithm>

#include "base/json.h"

namespace tools {

namespace {

// Cuts what is added into deltas of a bounded size.
class Cutter {
 public:
  Cutter(std::string_view first, std::string_view rest) : rest_(rest) { begin(first); }
  void node(const std::string& json) { add(&GraphDelta::nodes, json); }
  void edge(const std::string& json) { add(&GraphDelta::edges, json); }
  std::vector<GraphDelta>& done() { return deltas_; }
  bool empty() const { return deltas_.back().nodes.empty() && deltas_.back().edges.empty(); }

 private:
  void begin(std::string_view action) {
    deltas_.emplace_back();
    deltas_.back().action = action;
  }
  void add(std::string GraphDelta::*to, const std::string& json) {
    if (!empty() &&
        deltas_.back().nodes.size() + deltas_.back().edges.size() + json.size() > kGraphDeltaBytes)
      begin(rest_);
    std::string& list = deltas_.back().*to;
    if (!list.empty()) list.push_back(',');
    list.append(json);
  }
  std::string_view rest_;
  std::vector<GraphDelta> deltas_;
};

}  // namespace

std::string GraphDelta::body(const std::string& notes_json) const {
  std::string out;
  out.reserve(nodes.size() + edges.size() + notes_json.size() + 80);
  out.append("{\"action\":\"").append(action).append("\",\"nodes\":[").append(nodes);
  out.append("],\"edges\":[").append(edges).append("]");
  if (!notes_json.empty()) out.append(",\"notes\":").append(notes_json);
  return out;
}

std::string GraphDelta::numbered(std::string_view body, std::uint64_t sequence) {
  std::string out(body);
  return out.append(",\"sequence\":").append(std::to_string(sequence)).append("}");
}

struct GraphView::Changes {
  struct Group {
    std::vector<NodeIndex> nodes;
    std::vector<EdgeIndex> edges;
    bool any() const { return !nodes.empty() || !edges.empty(); }
  };
  Group added, modified, deleted;
  std::vector<EdgeIndex> suspects;
};

GraphView::GraphView(const GraphStore& store, GraphFilter filter)
    : store_(store), filter_(std::move(filter)) {
  nodes_.resize(store.node_slots());
  edges_.resize(store.edge_slots());
  for (NodeIndex i = 0; i < nodes_.size(); ++i)
    nodes_[i] = store.node(i).id && filter_.shows(store, i);
  for (EdgeIndex i = 0; i < edges_.size(); ++i)
    edges_[i] = store.edge(i).from != kNone && filter_.shows_edge(store, i);
}

bool GraphView::swap(std::vector<bool>& bits, std::size_t at, bool value) {
  if (bits.size() <= at) bits.resize(at + 1);
  const bool was = bits[at];
  bits[at] = value;
  return was;
}

void GraphView::look(NodeIndex index, Changes& changes) {
  const GraphNode& node = store_.node(index);
  const bool is = filter_.shows(store_, index);
  const bool was = swap(nodes_, index, is);
  if (was && (!is || node.reborn)) changes.deleted.nodes.push_back(index);
  if (is && (!was || node.reborn)) {
    changes.added.nodes.push_back(index);
  } else if (is && node.changed) {
    changes.modified.nodes.push_back(index);
  }
  if (was == is) return;
  for (EdgeIndex e = node.first_out; e != kNone; e = store_.edge(e).next_out)
    changes.suspects.push_back(e);
  for (EdgeIndex e = node.first_in; e != kNone; e = store_.edge(e).next_in)
    changes.suspects.push_back(e);
}

void GraphView::look_at_edge(EdgeIndex index, Changes& changes) {
  const GraphEdge& edge = store_.edge(index);
  const bool is = !edge.dead && filter_.shows_edge(store_, index);
  const bool was = swap(edges_, index, is);
  if (was && !is) changes.deleted.edges.push_back(index);
  if (is && !was) changes.added.edges.push_back(index);
  if (is && was && edge.changed) changes.modified.edges.push_back(index);
}

std::vector<GraphDelta> GraphView::update() {
  Changes changes;
  for (const NodeIndex node : store_.touched_nodes())
    look(node, changes);
  std::vector<EdgeIndex>& suspects = changes.suspects;
  suspects.insert(suspects.end(), store_.touched_edges().begin(), store_.touched_edges().end());
  std::sort(suspects.begin(), suspects.end());
  suspects.erase(std::unique(suspects.begin(), suspects.end()), suspects.end());
  for (const EdgeIndex edge : suspects)
    look_at_edge(edge, changes);

  std::vector<GraphDelta> out;
  const auto tell = [&](std::string_view action, const Changes::Group& group, bool last) {
    if (!group.any()) return;
    Cutter cutter(action, action);
    std::string json;
    const auto nodes = [&] {
      for (const NodeIndex node : group.nodes)
        json.clear(), store_.append_node(json, node, last), cutter.node(json);
    };
    if (!last) nodes();
    for (const EdgeIndex edge : group.edges)
      json.clear(), store_.append_edge(json, edge), cutter.edge(json);
    if (last) nodes();  // after the edges that lead to them
    std::move(cutter.done().begin(), cutter.done().end(), std::back_inserter(out));
  };
  tell("deleted", changes.deleted, true);
  tell("added", changes.added, false);
  tell("modified", changes.modified, false);
  return out;
}

std::vector<GraphDelta> GraphView::snapshot() const {
  std::vector<NodeIndex> order;
  for (NodeIndex i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i]) order.push_back(i);
  }
  std::sort(order.begin(), order.end(), [&](NodeIndex a, NodeIndex b) {
    const GraphNode &x = store_.node(a), &y = store_.node(b);
    return x.kind != y.kind ? x.kind < y.kind : *x.id < *y.id;
  });
  Cutter cutter("snapshot", "added");
  std::string json;
  for (const NodeIndex node : order) {
    json.clear();
    store_.append_node(json, node);
    cutter.node(json);
  }
  for (EdgeIndex i = 0; i < edges_.size(); ++i) {
    if (!edges_[i]) continue;
    json.clear();
    store_.append_edge(json, i);
    cutter.edge(json);
  }
  return std::move(cutter.done());
}

}  // namespace tools
