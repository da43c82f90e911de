// The GraphStore's selectors: which objects a selection selects, and what a change of labels does.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/json.h"
#include "tools/graph_store.h"

namespace tools {

// Labels are kept for kinds of which many are matched at once; for others they are read from the
// members.
const GraphLabels& GraphStore::labels_of(NodeIndex index, GraphLabels& read) const {
  const GraphNode& node = nodes_[index];
  if (node.kind < keeps_labels_.size() && keeps_labels_[node.kind]) return node.labels;
  base::json::Document doc;
  const auto told = doc.parse("{" + node.members.substr(1) + "}");
  read = told ? GraphLabels((*told)["labels"]) : GraphLabels();
  return read;
}

bool GraphStore::selects(const GraphSelection& selection, NodeIndex target,
                         const GraphLabels& labels) const {
  const GraphNode& node = nodes_[target];
  return node.exists && (selection.ns.empty() || selection.ns == node.ns()) &&
         selection.selector.matches(labels);
}

void GraphStore::set_selections(NodeIndex node, std::vector<GraphSelection> selections,
                                const EdgeTypes& claimed) {
  const auto at = selections_.find(node);
  const bool had = at != selections_.end();
  if (!had && selections.empty()) return;
  const bool touched = std::any_of(selections.begin(), selections.end(),
                                   [&](const auto& one) { return claimed.test(one.type); });
  if (had && !touched && at->second == selections) return;
  if (had) {
    for (const GraphSelection& old : at->second)
      std::erase(selectors_[old.kind], node);
  }
  if (selections.empty()) {
    selections_.erase(at);
  } else {
    for (const GraphSelection& selection : selections) {
      note_kind(selection.kind);
      if (selectors_.size() <= selection.kind) selectors_.resize(selection.kind + 1u);
      std::vector<NodeIndex>& sources = selectors_[selection.kind];
      if (sources.empty() || sources.back() != node) sources.push_back(node);
    }
    selections_[node] = std::move(selections);
  }
  select(node);
}

// When several selections select a target the first one counts; a claim of the same edge comes
// before them all.
void GraphStore::select(NodeIndex source) {
  using Key = std::pair<EdgeType, NodeIndex>;
  std::map<Key, EdgeIndex> had;
  std::set<Key> done;
  for (EdgeIndex e = nodes_[source].first_out; e != kNone; e = edges_[e].next_out) {
    if (edges_[e].source != source) continue;
    const Key key(edges_[e].type, edges_[e].to);
    edges_[e].selected ? void(had[key] = e) : void(done.insert(key));
  }
  GraphLabels read;
  const auto at = selections_.find(source);
  for (std::size_t i = 0; at != selections_.end() && i < at->second.size(); ++i) {
    const GraphSelection& selection = at->second[i];
    for (const NodeIndex target : of_kind(selection.kind)) {
      if (!nodes_[target].exists || !selects(selection, target, labels_of(target, read))) continue;
      if (!done.insert({selection.type, target}).second) continue;
      const auto old = had.find({selection.type, target});
      draw_selected(old == had.end() ? kNone : old->second, source, target, selection);
      if (old != had.end()) had.erase(old);
    }
  }
  for (const auto& [key, edge] : had)
    drop_edge(edge);
}

// The labels of `target` changed: every selector of its kind is matched again.
void GraphStore::reselect(NodeIndex target, const GraphLabels& labels) {
  const KindId kind = nodes_[target].kind;
  if (kind >= selectors_.size() || selectors_[kind].empty()) return;
  using Key = std::pair<NodeIndex, EdgeType>;
  std::map<Key, EdgeIndex> had;
  std::set<Key> done;
  for (EdgeIndex e = nodes_[target].first_in; e != kNone; e = edges_[e].next_in) {
    if (edges_[e].source != edges_[e].from) continue;
    const Key key(edges_[e].source, edges_[e].type);
    edges_[e].selected ? void(had[key] = e) : void(done.insert(key));
  }
  for (const NodeIndex source : selectors_[kind]) {
    for (const GraphSelection& selection : selections_[source]) {
      if (selection.kind != kind || !selects(selection, target, labels)) continue;
      if (!done.insert({source, selection.type}).second) continue;
      const auto old = had.find({source, selection.type});
      draw_selected(old == had.end() ? kNone : old->second, source, target, selection);
      if (old != had.end()) had.erase(old);
    }
  }
  for (const auto& [key, edge] : had)
    drop_edge(edge);
}

void GraphStore::draw_selected(EdgeIndex edge, NodeIndex source, NodeIndex target,
                               const GraphSelection& selection) {
  const bool made = edge == kNone;
  if (made) edge = add_edge(source, target, source, selection.type);
  edges_[edge].selected = true;
  const std::uint32_t path = path_of(selection.path);
  if (std::exchange(edges_[edge].path, path) != path && !made) {
    edges_[edge].changed = true;
    touch_edge(edge);
  }
  judge(edge);
}

void GraphStore::drop_selected(NodeIndex node) {
  for (EdgeIndex e = nodes_[node].first_in; e != kNone;) {
    const EdgeIndex next = edges_[e].next_in;
    if (edges_[e].selected) drop_edge(e);
    e = next;
  }
}

std::vector<KindId> GraphStore::blind_selections() const {
  std::vector<KindId> out;
  for (KindId kind = 0, end = static_cast<KindId>(selectors_.size()); kind < end; ++kind) {
    if (!selectors_[kind].empty() && kinds_[kind].policy == KindPolicy::lookup) out.push_back(kind);
  }
  return out;
}

}  // namespace tools
