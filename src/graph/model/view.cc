#include "graph/model/view.h"

#include <algorithm>
#include <iterator>

namespace graph::model {

// ---- deltas

void Cutter::begin(std::string_view action) {
  deltas_.emplace_back();
  deltas_.back().action = action;
}

void Cutter::add(std::string Delta::*to, std::string_view json) {
  const Delta& last = deltas_.back();
  const std::size_t size = last.nodes.size() + last.edges.size();
  if (size > 0 && size + json.size() > kGraphDeltaBytes) begin(rest_);
  std::string& list = deltas_.back().*to;
  if (!list.empty()) list.push_back(',');
  list.append(json);
}

std::vector<Delta> Cutter::take_full() {
  std::vector<Delta> out;
  if (deltas_.size() == 1) return out;
  out.insert(out.end(), std::move_iterator(deltas_.begin()), std::move_iterator(deltas_.end() - 1));
  deltas_.erase(deltas_.begin(), deltas_.end() - 1);
  return out;
}

std::string Delta::body(const std::string& notes_json) const {
  std::string out;
  out.reserve(nodes.size() + edges.size() + notes_json.size() + 80);
  out.append("{\"action\":\"").append(action).append("\",\"nodes\":[").append(nodes);
  out.append("],\"edges\":[").append(edges).append("]");
  if (!notes_json.empty()) out.append(",\"notes\":").append(notes_json);
  return out;
}

std::string Delta::numbered(std::string_view body, std::uint64_t sequence) {
  std::string out(body);
  return out.append(",\"sequence\":").append(std::to_string(sequence)).append("}");
}

// ---- what a view sends

namespace {

// Entries of the turns that are looked at together; several turns may name one node.
constexpr std::size_t kEntriesAtOnce = 64;
// What a text is assumed to cost before it is written.
constexpr std::size_t kLooksPerText = 12;

}  // namespace

struct View::Changes {
  struct Group {
    std::vector<NodeIndex> nodes;
    std::vector<EdgeIndex> edges;
  };
  Group added, modified;
  std::vector<std::string_view> gone_nodes, gone_edges;  // texts in the turns
  // Hidden now, but still there: as last sent; nullptr: as they are.
  std::vector<std::pair<NodeIndex, const std::string*>> hidden_nodes;
  std::vector<EdgeIndex> hidden_edges;
  std::size_t looked = 0;
  std::size_t cost() const {
    const std::size_t texts = added.nodes.size() + added.edges.size() + modified.nodes.size() +
                              modified.edges.size() + hidden_nodes.size() + hidden_edges.size() +
                              gone_nodes.size() + gone_edges.size();
    return looked + texts * kLooksPerText;
  }
};

// ---- the beginning

bool View::begin(std::size_t& looked, std::size_t most) {
  const auto due = [](auto& list) {
    const auto index = list.back();
    list.pop_back();
    return index;
  };
  for (; !begun_ && looked < most; ++looked) {
    if (node_ < store_.node_slots()) {
      looked += filter_.cost(store_.node(node_)) - 1;
      begin_node(node_++);
    } else if (!nodes_due_.empty()) {
      begin_node(due(nodes_due_));
    } else if (edge_ < store_.edge_slots()) {
      swap(edges_, edge_, shows(edge_));
      ++edge_;
    } else if (!edges_due_.empty()) {
      const EdgeIndex edge = due(edges_due_);
      swap(edges_, edge, shows(edge));
    } else {
      begun_ = true;
    }
  }
  return begun_;
}

// When a node comes into view or leaves it, its edges may, too.
void View::begin_node(NodeIndex index) {
  const Node& node = store_.node(index);
  const bool is = node.id && filter_.shows(store_, index);
  if (swap(nodes_, index, is) == is) return;
  for (EdgeIndex e = node.first_out; e != kNone; e = store_.edge(e).next_out)
    if (e < edge_) edges_due_.push_back(e);
  for (EdgeIndex e = node.first_in; e != kNone; e = store_.edge(e).next_in)
    if (e < edge_) edges_due_.push_back(e);
}

void View::follow(const Turn& turn) {
  for (const Turn::Node& node : turn.nodes)
    if (node.index < node_) nodes_due_.push_back(node.index);
  for (const Turn::Edge& edge : turn.edges)
    if (edge.index < edge_) edges_due_.push_back(edge.index);
}

// ---- changes

bool View::shows(EdgeIndex index) const {
  const Edge& edge = store_.edge(index);
  return edge.from != kNone && !edge.dead && filter_.shows_edge(store_, index, [&](NodeIndex node) {
    return node < nodes_.size() && nodes_[node];
  });
}

void View::suspect_edges_of(NodeIndex index) {
  const Node& node = store_.node(index);
  for (EdgeIndex e = node.first_out; e != kNone; e = store_.edge(e).next_out)
    backlog_.suspects.push_back(e);
  for (EdgeIndex e = node.first_in; e != kNone; e = store_.edge(e).next_in)
    backlog_.suspects.push_back(e);
}

void View::note_gone(std::span<const Turn* const> turns, Changes& changes) {
  for (; backlog_.turns < turns.size(); ++backlog_.turns) {
    const Turn& turn = *turns[backlog_.turns];
    for (const Turn::Node& node : turn.nodes) {
      if (!node.gone || !has_node(node.index)) continue;
      backlog_.nodes_gone.push_back(node.last);
      nodes_[node.index] = false;
      suspect_edges_of(node.index);
    }
    for (const Turn::Edge& edge : turn.edges) {
      if (!edge.gone || !has_edge(edge.index)) continue;
      backlog_.edges_gone.push_back(edge.last);
      edges_[edge.index] = false;
    }
    changes.looked += (turn.nodes.size() + turn.edges.size()) / 8;
  }
}

// The edges that are gone, then the nodes that they led to. False: none is left.
bool View::take_gone(Changes& changes) {
  Backlog& all = backlog_;
  if (all.edge_gone < all.edges_gone.size()) {
    changes.gone_edges.push_back(all.edges_gone[all.edge_gone++]);
  } else if (all.node_gone < all.nodes_gone.size()) {
    changes.gone_nodes.push_back(all.nodes_gone[all.node_gone++]);
  } else {
    return false;
  }
  return true;
}

// Several turns may name one node; what counts is what it was at first and what it is now. False:
// none is left.
bool View::look_at_nodes(std::span<const Turn* const> turns, Changes& changes) {
  struct Named {
    NodeIndex index;
    bool changed;
    const std::string* last;
  };
  std::vector<Named> named;
  At& at = backlog_.node;
  for (; at.turn < turns.size() && named.size() < kEntriesAtOnce; ++at.turn, at.entry = 0) {
    const std::vector<Turn::Node>& nodes = turns[at.turn]->nodes;
    for (; at.entry < nodes.size() && named.size() < kEntriesAtOnce; ++at.entry) {
      const Turn::Node& node = nodes[at.entry];
      const bool before = node.changed && !node.gone && !node.last.empty();
      named.push_back({node.index, node.changed, before ? &node.last : nullptr});
    }
    if (at.entry < nodes.size()) break;
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
    const Node& node = store_.node(all.index);
    changes.looked += filter_.cost(node) - 1;
    const bool is = node.id && filter_.shows(store_, all.index);
    const bool was = swap(nodes_, all.index, is);
    if (was && !is) changes.hidden_nodes.emplace_back(all.index, all.last);
    if (is && !was) changes.added.nodes.push_back(all.index);
    if (is && was && all.changed) changes.modified.nodes.push_back(all.index);
    if (was != is) suspect_edges_of(all.index);
  }
  return !named.empty();
}

void View::look_at_edge(EdgeIndex index, bool changed, Changes& changes) {
  ++changes.looked;
  const bool is = shows(index);
  const bool was = swap(edges_, index, is);
  if (was && !is) changes.hidden_edges.push_back(index);
  if (is && !was) changes.added.edges.push_back(index);
  if (is && was && changed) changes.modified.edges.push_back(index);
}

bool View::look_at_edges(std::span<const Turn* const> turns, Changes& changes) {
  std::vector<std::pair<EdgeIndex, bool>> named;  // changed
  At& at = backlog_.edge;
  for (; at.turn < turns.size() && named.size() < kEntriesAtOnce; ++at.turn, at.entry = 0) {
    const std::vector<Turn::Edge>& edges = turns[at.turn]->edges;
    for (; at.entry < edges.size() && named.size() < kEntriesAtOnce; ++at.entry)
      named.emplace_back(edges[at.entry].index, edges[at.entry].changed);
    if (at.entry < edges.size()) break;
  }
  // The last entry of an edge has `changed` if any of its entries has.
  if (turns.size() > 1) std::sort(named.begin(), named.end());
  for (std::size_t i = 0; i < named.size(); ++i) {
    if (i + 1 < named.size() && named[i + 1].first == named[i].first) continue;
    look_at_edge(named[i].first, named[i].second, changes);
  }
  return !named.empty();
}

bool View::look_at_suspects(Changes& changes) {
  if (backlog_.suspect == backlog_.suspects.size()) return false;
  look_at_edge(backlog_.suspects[backlog_.suspect++], false, changes);
  return true;
}

bool View::swap(std::vector<bool>& bits, std::size_t at, bool value) {
  if (bits.size() <= at) bits.resize(at + 1);
  const bool was = bits[at];
  bits[at] = value;
  return was;
}

std::vector<Delta> View::update(std::span<const Turn* const> turns, Text& text, std::size_t& looked,
                                std::size_t most) {
  Changes changes;
  note_gone(turns, changes);
  bool more = true;
  while (more && looked + changes.cost() < most) {
    more = take_gone(changes) || look_at_nodes(turns, changes) || look_at_edges(turns, changes) ||
           look_at_suspects(changes);
  }
  whole_ = !more;
  std::vector<Delta> out = tell(changes, text);
  looked += changes.looked;
  for (const Delta& delta : out)
    looked += (delta.nodes.size() + delta.edges.size()) / kBytesPerLook;
  if (whole_) backlog_ = {};
  return out;
}

std::vector<Delta> View::tell(const Changes& changes, Text& text) const {
  std::vector<Delta> out;
  const auto finish = [&](Cutter& cutter) {
    for (Delta& delta : cutter.done()) {
      if (!delta.nodes.empty() || !delta.edges.empty()) out.push_back(std::move(delta));
    }
  };
  Cutter deleted("deleted", "deleted");
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
  const auto group = [&](std::string_view action, const Changes::Group& of) {
    Cutter cutter(action, action);
    for (const NodeIndex node : of.nodes)
      cutter.node(text.node(node));
    for (const EdgeIndex edge : of.edges)
      cutter.edge(text.edge(edge));
    finish(cutter);
  };
  group("added", changes.added);
  group("modified", changes.modified);
  return out;
}

}  // namespace graph::model
