// The edges of the Store: linking, judging what is drawn, and their JSON.
#include <utility>

#include "base/json.h"
#include "graph/model/store.h"

namespace graph::model {

using base::json::append_string;

std::uint32_t Store::path_of(const std::string& path) {
  const auto [at, made] =
      path_numbers_.try_emplace(path, static_cast<std::uint32_t>(paths_.size()));
  if (made) paths_.push_back(&at->first);
  return at->second;
}

EdgeIndex Store::add_edge(NodeIndex from, NodeIndex to, NodeIndex source, EdgeType type) {
  EdgeIndex index = static_cast<EdgeIndex>(edges_.size());
  if (free_edges_.empty()) {
    edges_.emplace_back();
  } else {
    index = free_edges_.back();
    free_edges_.pop_back();
  }
  Edge& edge = edges_[index];
  edge.from = from;
  edge.to = to;
  edge.source = source;
  edge.type = type;
  edge.path = kNone;
  edge.next_out = nodes_[from].first_out;
  if (edge.next_out != kNone) edges_[edge.next_out].prev_out = index;
  nodes_[from].first_out = index;
  edge.next_in = nodes_[to].first_in;
  if (edge.next_in != kNone) edges_[edge.next_in].prev_in = index;
  nodes_[to].first_in = index;
  for (const NodeIndex other : {from, to}) {
    if (other != source) note_named(other);
  }
  touch_edge(index);
  return index;
}

void Store::note_named(NodeIndex index) {
  const KindId id = nodes_[index].kind;
  if (kinds_[id].policy == KindPolicy::lookup) lookups_.push_back(index);
  note_kind(id);
}

void Store::note_kind(KindId kind) {
  if (was_named_.size() <= kind) was_named_.resize(kind + 1u);
  const KindPolicy policy = kinds_[kind].policy;
  if (policy == KindPolicy::always || policy == KindPolicy::asked || was_named_[kind]) return;
  was_named_[kind] = true;
  named_.push_back(kind);
}

// The edge stays readable until settle().
void Store::drop_edge(EdgeIndex index) {
  set_drawn(index, false);
  Edge& edge = edges_[index];
  if (edge.prev_out != kNone) {
    edges_[edge.prev_out].next_out = edge.next_out;
  } else {
    nodes_[edge.from].first_out = edge.next_out;
  }
  if (edge.next_out != kNone) edges_[edge.next_out].prev_out = edge.prev_out;
  if (edge.prev_in != kNone) {
    edges_[edge.prev_in].next_in = edge.next_in;
  } else {
    nodes_[edge.to].first_in = edge.next_in;
  }
  if (edge.next_in != kNone) edges_[edge.next_in].prev_in = edge.prev_in;
  edge.next_out = edge.prev_out = edge.next_in = edge.prev_in = kNone;
  edge.dead = true;
  touch_edge(index);
  loose_.push_back(edge.from);
  loose_.push_back(edge.to);
}

// Known not to exist, as opposed to not seen.
bool Store::missing(const Node& node) const {
  if (node.exists) return true;  // another object of that name
  const KindState state = kinds_[node.kind].state;
  return state == KindState::known || (state == KindState::single && node.absent);
}

void Store::judge(EdgeIndex index) {
  Edge& edge = edges_[index];
  const Node &from = nodes_[edge.from], &to = nodes_[edge.to];
  const bool begins = from.exists && (edge.owner_uid == 0 || edge.owner_uid == from.uid);
  const bool resolved = begins && to.exists;
  const bool unresolved = !resolved && !edge.convention && (begins || to.exists) &&
                          (begins || missing(from)) && (to.exists || missing(to));
  if (edge.resolved != resolved) {
    // An edge that goes altogether keeps what was last sent.
    if (resolved || unresolved) edge.resolved = resolved;
    edge.changed = true;
    touch_edge(index);
  }
  set_drawn(index, resolved || unresolved);
}

void Store::judge_around(NodeIndex node) {
  for (EdgeIndex e = nodes_[node].first_out; e != kNone; e = edges_[e].next_out)
    judge(e);
  for (EdgeIndex e = nodes_[node].first_in; e != kNone; e = edges_[e].next_in)
    judge(e);
}

void Store::set_drawn(EdgeIndex index, bool drawn) {
  Edge& edge = edges_[index];
  if (std::exchange(edge.drawn, drawn) == drawn) return;
  touch_edge(index);
  for (const auto& [node, other] : {std::pair(edge.from, edge.to), std::pair(edge.to, edge.from)}) {
    std::uint32_t& count = nodes_[node].drawn;
    const bool was = count > 0;
    count += drawn ? 1u : UINT32_MAX;
    if (was != (count > 0)) touch(node);  // it may be shown only because of its edges
    count_near(node, other, drawn ? 1 : -1);
  }
}

void Store::count_near(NodeIndex node, NodeIndex other, int by) {
  const std::string_view ns = nodes_[other].ns();
  if (ns.empty() || !nodes_[node].ns().empty()) return;
  auto& around = near_[node];
  const auto at = around.try_emplace(std::string(ns), 0).first;
  if (at->second == 0) touch(node);
  at->second = by > 0 ? at->second + 1 : at->second - 1;
  if (at->second > 0) return;
  touch(node);
  around.erase(at);
}

// ---- JSON

void Store::append_node(std::string& out, NodeIndex index, const std::string* members) const {
  const Node& node = nodes_[index];
  out.append("{\"id\":");
  append_string(out, *node.id);
  out.append(",\"type\":");
  append_string(out, kinds_[node.kind].type);
  out.append(",\"name\":");
  append_string(out, node.name());
  if (!node.ns().empty()) {
    out.append(",\"namespace\":");
    append_string(out, node.ns());
  }
  out.append(members ? *members : node.members).append("}");
}

std::string Store::edge_id(const Edge& edge) const {
  std::string id = *nodes_[edge.from].id;
  id.append("-[").append(edge_name(edge.type));
  // When two chains state the same step each has an edge of its own.
  if (edge.source != edge.from && edge.source != edge.to)
    id.append(" by ").append(*nodes_[edge.source].id);
  return id.append("]->").append(*nodes_[edge.to].id);
}

void Store::append_edge(std::string& out, EdgeIndex index) const {
  const Edge& edge = edges_[index];
  std::string origin;
  if (edge.source != edge.from && !edge.bare) {
    const Node& source = nodes_[edge.source];
    origin.append(kinds_[source.kind].type).append("/");
    if (!source.ns().empty()) origin.append(source.ns()).append("/");
    origin.append(source.name()).append(" ");
  }
  origin.append(*paths_[edge.path]);
  out.append("{\"id\":");
  append_string(out, edge_id(edge));
  out.append(",\"from\":");
  append_string(out, *nodes_[edge.from].id);
  out.append(",\"to\":");
  append_string(out, *nodes_[edge.to].id);
  out.append(",\"type\":");
  append_string(out, edge_name(edge.type));
  out.append(",\"resolved\":").append(edge.resolved ? "true" : "false");
  out.append(",\"derivedFrom\":");
  append_string(out, origin);
  out.append("}");
}

}  // namespace graph::model
