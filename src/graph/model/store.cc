#include "graph/model/store.h"

#include <algorithm>
#include <tuple>
#include <unordered_set>
#include <utility>

namespace graph::model {

std::string_view Node::ns() const {
  const std::size_t colon = id->find(':'), slash = id->find('/', colon);
  return std::string_view(*id).substr(colon + 1, slash - colon - 1);
}

std::string_view Node::name() const {
  return std::string_view(*id).substr(id->find('/', id->find(':')) + 1);
}

Store::Store(const Kinds& kinds, const cluster::NamespaceFilter& filter)
    : kinds_(kinds),
      filter_(filter),
      namespaces_(kinds.find("Namespace")),
      keeps_labels_(kinds.size()) {
  for (const char* type : {"ClusterDeployment", "ServiceSet", "Management", "Region"})
    keeps_labels_[kinds.find(type)] = true;
}

std::string Store::id_of(KindId kind, std::string_view ns, std::string_view name) const {
  const std::string& type = kinds_[kind].type;
  std::string id;
  id.reserve(type.size() + ns.size() + name.size() + 2);
  return id.append(type).append(":").append(ns).append("/").append(name);
}

NodeIndex Store::find(const std::string& id) const {
  const auto at = by_id_.find(id);
  return at == by_id_.end() ? kNone : at->second;
}

const std::vector<NodeIndex>& Store::of_kind(KindId kind) const {
  static const std::vector<NodeIndex> none;
  return kind < by_kind_.size() ? by_kind_[kind] : none;
}

bool Store::is_named(KindId kind) const {
  const bool selected = kind < selectors_.size() && !selectors_[kind].empty();
  if (selected && kinds_[kind].policy != KindPolicy::always) return true;
  const auto& all = of_kind(kind);
  return std::any_of(all.begin(), all.end(), [&](NodeIndex n) { return !nodes_[n].exists; });
}

bool Store::is_near(NodeIndex node, const std::vector<std::string>& namespaces) const {
  const auto at = near_.find(node);
  if (at == near_.end()) return false;
  const auto& around = at->second;
  if (around.size() < namespaces.size())
    return std::any_of(around.begin(), around.end(), [&](const auto& one) {
      return std::binary_search(namespaces.begin(), namespaces.end(), one.first);
    });
  return std::any_of(namespaces.begin(), namespaces.end(),
                     [&](const std::string& ns) { return around.count(ns) > 0; });
}

// The node of an id, made if there is none.
NodeIndex Store::place(KindId kind, std::string_view ns, std::string_view name) {
  auto [at, made] = by_id_.try_emplace(id_of(kind, ns, name), kNone);
  if (!made) return at->second;
  NodeIndex index = static_cast<NodeIndex>(nodes_.size());
  if (free_nodes_.empty()) {
    nodes_.emplace_back();
  } else {
    index = free_nodes_.back();
    free_nodes_.pop_back();
  }
  at->second = index;
  Node& node = nodes_[index];
  node.id = &at->first;
  node.kind = kind;
  if (by_kind_.size() <= kind) by_kind_.resize(kind + 1u);
  node.kind_place = static_cast<std::uint32_t>(by_kind_[kind].size());
  by_kind_[kind].push_back(index);
  return index;
}

void Store::free_node(NodeIndex index) {
  Node& node = nodes_[index];
  std::vector<NodeIndex>& same = by_kind_[node.kind];
  same[node.kind_place] = same.back();
  nodes_[same.back()].kind_place = node.kind_place;
  same.pop_back();
  by_id_.erase(by_id_.find(*node.id));
  near_.erase(index);
  node = Node();
  free_nodes_.push_back(index);
}

// ---- changes

void Store::touch(NodeIndex index) {
  if (std::exchange(nodes_[index].touched, true)) return;
  touched_nodes_.push_back(index);
}

void Store::touch_edge(EdgeIndex index) {
  if (std::exchange(edges_[index].touched, true)) return;
  touched_edges_.push_back(index);
}

void Store::keep_last(NodeIndex index) {
  if (nodes_[index].exists)
    last_.try_emplace(index, Last{nodes_[index].members, nodes_[index].uid});
}

void Store::prune() {
  // Drops what was looked up for other objects that name it no more; its own edges do not keep it.
  for (std::size_t i = 0; i < loose_.size(); ++i) {
    const NodeIndex index = loose_[i];
    const Node& node = nodes_[index];
    if (!node.id || !node.exists || kinds_[node.kind].policy != KindPolicy::lookup) continue;
    bool named = false;
    for (EdgeIndex e = node.first_out; e != kNone && !named; e = edges_[e].next_out)
      named = edges_[e].source != index;
    for (EdgeIndex e = node.first_in; e != kNone && !named; e = edges_[e].next_in)
      named = edges_[e].source != index;
    if (!named) vanish(index);
  }
}

Turn Store::settle() {
  Turn turn = take_turn();
  for (const EdgeIndex index : touched_edges_) {
    Edge& edge = edges_[index];
    edge.touched = edge.changed = false;
    if (!edge.dead) continue;
    edge = Edge();
    free_edges_.push_back(index);
  }
  touched_edges_.clear();
  for (const NodeIndex index : touched_nodes_) {
    Node& node = nodes_[index];
    node.touched = node.changed = node.reborn = false;
    if (!node.exists) loose_.push_back(index);
  }
  touched_nodes_.clear();
  last_.clear();
  for (const NodeIndex index : loose_) {
    Node& node = nodes_[index];
    if (!node.id || node.exists) continue;
    node.members.clear();
    if (node.first_out == kNone && node.first_in == kNone) free_node(index);
  }
  loose_.clear();
  return turn;
}

Turn Store::take_turn() {
  Turn turn;
  turn.nodes.reserve(touched_nodes_.size());
  for (const NodeIndex index : touched_nodes_) {
    const Node& node = nodes_[index];
    const auto before = last_.find(index);
    const bool was = before != last_.end();
    Turn::Node& told = turn.nodes.emplace_back();
    told.index = index;
    told.changed = node.changed;
    told.gone = was && (!node.exists || node.reborn);
    if (told.gone) {
      append_node(told.last, index, &before->second.members);
    } else if (was) {
      told.last = std::move(before->second.members);
    }
  }
  turn.edges.reserve(touched_edges_.size());
  for (const EdgeIndex index : touched_edges_) {
    const Edge& edge = edges_[index];
    Turn::Edge& told = turn.edges.emplace_back();
    told.index = index;
    told.changed = edge.changed;
    told.gone = edge.dead;
    if (edge.dead) append_edge(told.last, index);
  }
  return turn;
}

std::vector<KindId> Store::take_named() {
  return std::exchange(named_, {});
}

std::vector<NodeIndex> Store::take_lookups() {
  return std::exchange(lookups_, {});
}

void Store::put(Object object) {
  const Ref& ref = object.ref;
  if (hidden(ref)) return;
  const NodeIndex index = place(ref.kind, ref.ns, ref.name);
  const bool existed = nodes_[index].exists;
  const bool other = existed && nodes_[index].uid != object.uid;
  const bool changed = !existed || other || nodes_[index].members != object.members;
  if (changed) {
    keep_last(index);
    touch(index);
    Node& node = nodes_[index];
    const auto last = last_.find(index);
    node.changed = true;
    node.reborn = last != last_.end() && last->second.uid != object.uid;
    node.exists = true;
    node.absent = false;
    node.uid = object.uid;
    node.members = std::move(object.members);
    node.members.shrink_to_fit();
  }
  const EdgeTypes claimed = set_claims(index, object.claims);
  set_selections(index, std::move(object.selections), claimed);
  // For other kinds the labels are part of the members.
  const bool keeps = ref.kind < keeps_labels_.size() && keeps_labels_[ref.kind];
  if (keeps ? !existed || !(nodes_[index].labels == object.labels) : changed)
    reselect(index, object.labels);
  if (keeps) nodes_[index].labels = std::move(object.labels);
  if (!existed || other) judge_around(index);
}

void Store::remove(KindId kind, std::string_view ns, std::string_view name) {
  const NodeIndex index = find(id_of(kind, ns, name));
  if (index != kNone && nodes_[index].exists) vanish(index);
}

void Store::clear(KindId kind) {
  const std::vector<NodeIndex> all = of_kind(kind);
  for (const NodeIndex index : all) {
    nodes_[index].absent = false;
    if (nodes_[index].exists) vanish(index);
  }
  judge_kind(kind);
}

void Store::judge_kind(KindId kind) {
  const std::vector<NodeIndex> all = of_kind(kind);
  for (const NodeIndex index : all) {
    if (!nodes_[index].exists) judge_around(index);
  }
}

void Store::set_absent(NodeIndex index) {
  if (!nodes_[index].id) return;
  if (nodes_[index].exists) vanish(index);
  nodes_[index].absent = true;
  judge_around(index);
}

void Store::set_unseen(NodeIndex index) {
  if (!nodes_[index].id) return;
  nodes_[index].absent = false;
  if (nodes_[index].exists) vanish(index);
  judge_around(index);
}

void Store::vanish(NodeIndex index) {
  keep_last(index);
  touch(index);
  nodes_[index].exists = false;
  nodes_[index].uid = 0;
  nodes_[index].labels = {};
  set_claims(index, {});
  set_selections(index, {}, {});
  drop_selected(index);
  judge_around(index);
  loose_.push_back(index);
}

// ---- claims

bool Store::hidden(const Ref& ref) const {
  if (ref.kind == namespaces_) return !filter_.allows(ref.name);
  return !ref.ns.empty() && !filter_.allows(ref.ns);
}

// The edges that the claims mean, one for each (from, to, type): the first claim of it counts.
std::vector<Store::Want> Store::wanted(NodeIndex node, const std::vector<Claim>& claims) {
  std::vector<Want> want;
  want.reserve(claims.size());
  std::size_t hidden_now = 0;
  for (const Claim& claim : claims) {
    const bool third = claim.from.kind != kNoKind;
    if (hidden(claim.other) || (third && hidden(claim.from))) {
      ++hidden_now;
      continue;
    }
    const NodeIndex other = place(claim.other.kind, claim.other.ns, claim.other.name);
    const NodeIndex from = third            ? place(claim.from.kind, claim.from.ns, claim.from.name)
                           : claim.incoming ? other
                                            : node;
    const NodeIndex to = third || !claim.incoming ? other : node;
    if (from == to) continue;
    want.push_back({from, to, &claim});
  }
  hidden_ += hidden_now;
  hidden_ -= nodes_[node].hidden;
  nodes_[node].hidden = static_cast<std::uint16_t>(hidden_now);
  const auto key = [](const Want& w) { return std::tie(w.from, w.to, w.claim->type); };
  std::stable_sort(want.begin(), want.end(),
                   [&](const Want& a, const Want& b) { return key(a) < key(b); });
  want.erase(std::unique(want.begin(), want.end(),
                         [&](const Want& a, const Want& b) { return key(a) == key(b); }),
             want.end());
  return want;
}

// Returns the types of edges that came or went. Keeps `made` in the order of the claims wanted.
Store::EdgeTypes Store::set_claims(NodeIndex node, const std::vector<Claim>& claims) {
  const std::vector<Want> want = wanted(node, claims);
  const std::vector<EdgeIndex> had = std::move(nodes_[node].made);
  std::vector<EdgeIndex> made;
  made.reserve(want.size());
  const auto key = [&](EdgeIndex e) {
    return std::make_tuple(edges_[e].from, edges_[e].to, edges_[e].type);
  };
  std::size_t old = 0;
  EdgeTypes changed;
  const auto drop = [&](EdgeIndex edge) {
    changed.set(edges_[edge].type);
    drop_edge(edge);
  };
  for (const Want& w : want) {
    const auto wish = std::make_tuple(w.from, w.to, w.claim->type);
    for (; old < had.size() && key(had[old]) < wish; ++old)
      drop(had[old]);
    if (old < had.size() && key(had[old]) == wish) {
      made.push_back(had[old++]);
    } else {
      made.push_back(add_edge(w.from, w.to, node, w.claim->type));
      changed.set(w.claim->type);
    }
    refresh(made.back(), *w.claim);
  }
  for (; old < had.size(); ++old)
    drop(had[old]);
  nodes_[node].made = std::move(made);
  return changed;
}

void Store::refresh(EdgeIndex index, const Claim& claim) {
  const std::uint32_t path = path_of(claim.path);
  Edge& edge = edges_[index];
  if (edge.path != path) {
    edge.path = path;
    edge.changed = true;
    touch_edge(index);
  }
  edge.convention = claim.convention;
  edge.bare = claim.bare;
  edge.owner_uid = claim.owner_uid;
  judge(index);
}

}  // namespace graph::model
