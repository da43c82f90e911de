#include "tools/graph_view.h"

#include <algorithm>
#include <iterator>

namespace tools {

// ---- deltas

void GraphCutter::begin(std::string_view action) {
  deltas_.emplace_back();
  deltas_.back().action = action;
}

void GraphCutter::add(std::string GraphDelta::*to, std::string_view json) {
  const GraphDelta& last = deltas_.back();
  const std::size_t size = last.nodes.size() + last.edges.size();
  if (size > 0 && size + json.size() > kGraphDeltaBytes) begin(rest_);
  std::string& list = deltas_.back().*to;
  if (!list.empty()) list.push_back(',');
  list.append(json);
}

std::vector<GraphDelta> GraphCutter::take_full() {
  std::vector<GraphDelta> out;
  if (deltas_.size() == 1) return out;
  out.insert(out.end(), std::move_iterator(deltas_.begin()), std::move_iterator(deltas_.end() - 1));
  deltas_.erase(deltas_.begin(), deltas_.end() - 1);
  return out;
}

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

// ---- what a view sends

struct GraphView::Changes {
  struct Group {
    std::vector<NodeIndex> nodes;
    std::vector<EdgeIndex> edges;
  };
  Group added, modified;
  std::vector<std::string_view> gone_nodes, gone_edges;  // texts in the turns
  // Hidden now, but still there: as last sent; nullptr: as they are.
  std::vector<std::pair<NodeIndex, const std::string*>> hidden_nodes;
  std::vector<EdgeIndex> hidden_edges;
  std::vector<EdgeIndex> suspects;  // edges of nodes that came into view or left it
  std::size_t looked = 0;
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

// Several turns may name one; what counts is what it was at first and what it is now.
void GraphView::look_at_nodes(std::span<const GraphTurn* const> turns, Changes& changes) {
  struct Named {
    NodeIndex index;
    bool changed;
    const std::string* last;
  };
  std::vector<Named> named;
  std::vector<NodeIndex> flipped;
  for (const GraphTurn* turn : turns) {
    for (const GraphTurn::Node& node : turn->nodes) {
      if (node.gone && has_node(node.index)) {
        changes.gone_nodes.push_back(node.last);
        nodes_[node.index] = false;
        flipped.push_back(node.index);
      }
      const bool before = node.changed && !node.gone && !node.last.empty();
      named.push_back({node.index, node.changed, before ? &node.last : nullptr});
    }
  }
  changes.looked += named.size();
  const auto same = [](const Named& a, const Named& b) { return a.index < b.index; };
  if (turns.size() > 1) std::stable_sort(named.begin(), named.end(), same);
  for (std::size_t i = 0; i < named.size();) {
    Named all = named[i];
    for (++i; i < named.size() && named[i].index == all.index; ++i) {
      all.changed = all.changed || named[i].changed;
      if (!all.last) all.last = named[i].last;
    }
    const bool is = store_.node(all.index).id && filter_.shows(store_, all.index);
    const bool was = swap(nodes_, all.index, is);
    if (was && !is) changes.hidden_nodes.emplace_back(all.index, all.last);
    if (is && !was) changes.added.nodes.push_back(all.index);
    if (is && was && all.changed) changes.modified.nodes.push_back(all.index);
    if (was != is) flipped.push_back(all.index);
  }
  for (const NodeIndex index : flipped) {
    const GraphNode& node = store_.node(index);
    for (EdgeIndex e = node.first_out; e != kNone; e = store_.edge(e).next_out)
      changes.suspects.push_back(e);
    for (EdgeIndex e = node.first_in; e != kNone; e = store_.edge(e).next_in)
      changes.suspects.push_back(e);
  }
}

void GraphView::look_at_edges(std::span<const GraphTurn* const> turns, Changes& changes) {
  std::vector<EdgeIndex>& named = changes.suspects;
  std::vector<EdgeIndex> changed;
  for (const GraphTurn* turn : turns) {
    for (const GraphTurn::Edge& edge : turn->edges) {
      if (edge.gone && has_edge(edge.index)) {
        changes.gone_edges.push_back(edge.last);
        edges_[edge.index] = false;
      }
      named.push_back(edge.index);
      if (edge.changed) changed.push_back(edge.index);
    }
  }
  changes.looked += named.size();
  std::sort(changed.begin(), changed.end());
  std::sort(named.begin(), named.end());
  named.erase(std::unique(named.begin(), named.end()), named.end());
  for (const EdgeIndex index : named) {
    const GraphEdge& edge = store_.edge(index);
    const bool is = edge.from != kNone && !edge.dead && filter_.shows_edge(store_, index);
    const bool was = swap(edges_, index, is);
    if (was && !is) changes.hidden_edges.push_back(index);
    if (is && !was) changes.added.edges.push_back(index);
    if (is && was && std::binary_search(changed.begin(), changed.end(), index))
      changes.modified.edges.push_back(index);
  }
}

bool GraphView::swap(std::vector<bool>& bits, std::size_t at, bool value) {
  if (bits.size() <= at) bits.resize(at + 1);
  const bool was = bits[at];
  bits[at] = value;
  return was;
}

std::vector<GraphDelta> GraphView::update(std::span<const GraphTurn* const> turns, GraphText& text,
                                          std::size_t& looked) {
  Changes changes;
  look_at_nodes(turns, changes);
  look_at_edges(turns, changes);

  std::vector<GraphDelta> out;
  const auto finish = [&](GraphCutter& cutter) {
    for (GraphDelta& delta : cutter.done()) {
      if (delta.nodes.empty() && delta.edges.empty()) continue;
      changes.looked += (delta.nodes.size() + delta.edges.size()) / kBytesPerLook;
      out.push_back(std::move(delta));
    }
  };
  GraphCutter deleted("deleted", "deleted");
  for (const std::string_view edge : changes.gone_edges)
    deleted.edge(edge);
  for (const EdgeIndex edge : changes.hidden_edges)
    deleted.edge(text.edge(edge));
  // After the edges that lead to them.
  for (const std::string_view node : changes.gone_nodes)
    deleted.node(node);
  std::string before;
  for (const auto& [node, last] : changes.hidden_nodes)
    before.clear(), store_.append_node(before, node, last), deleted.node(before);
  finish(deleted);
  const auto tell = [&](std::string_view action, const Changes::Group& group) {
    GraphCutter cutter(action, action);
    for (const NodeIndex node : group.nodes)
      cutter.node(text.node(node));
    for (const EdgeIndex edge : group.edges)
      cutter.edge(text.edge(edge));
    finish(cutter);
  };
  tell("added", changes.added);
  tell("modified", changes.modified);
  looked += changes.looked;
  return out;
}

std::vector<NodeIndex> GraphView::nodes_in_order() const {
  std::vector<NodeIndex> order;
  for (NodeIndex i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i]) order.push_back(i);
  }
  std::sort(order.begin(), order.end(), [&](NodeIndex a, NodeIndex b) {
    const GraphNode &x = store_.node(a), &y = store_.node(b);
    return x.kind != y.kind ? x.kind < y.kind : *x.id < *y.id;
  });
  return order;
}

}  // namespace tools
