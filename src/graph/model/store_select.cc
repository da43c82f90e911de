// The Store's selectors: which objects a selection selects, and what a change of labels does.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/json.h"
#include "graph/model/store.h"

namespace graph::model {

// Labels are kept for kinds of which many are matched at once; for others they are read from the
// members.
const Labels& Store::labels_of(NodeIndex index, Labels& read) const {
  const Node& node = nodes_[index];
  if (node.kind < keeps_labels_.size() && keeps_labels_[node.kind]) return node.labels;
  base::json::Document doc;
  const auto told = doc.parse("{" + node.members.substr(1) + "}");
  read = told ? Labels((*told)["labels"]) : Labels();
  return read;
}

bool Store::selects(const Selection& selection, NodeIndex target, const Labels& labels) const {
  const Node& node = nodes_[target];
  return node.exists && (selection.ns.empty() || selection.ns == node.ns()) &&
         selection.selector.matches(labels);
}

void Store::set_selections(NodeIndex node, std::vector<Selection> selections,
                           const EdgeTypes& claimed) {
  const auto at = selections_.find(node);
  const bool had = at != selections_.end();
  if (!had && selections.empty()) return;
  const bool touched = std::any_of(selections.begin(), selections.end(),
                                   [&](const auto& one) { return claimed.test(one.type); });
  if (had && !touched && at->second == selections) return;
  if (had) {
    for (const Selection& old : at->second)
      std::erase(selectors_[old.kind], node);
  }
  if (selections.empty()) {
    selections_.erase(at);
  } else {
    for (const Selection& selection : selections) {
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
void Store::select(NodeIndex source) {
  using Key = std::pair<EdgeType, NodeIndex>;
  std::map<Key, EdgeIndex> had;
  std::set<Key> done;
  for (EdgeIndex e = nodes_[source].first_out; e != kNone; e = edges_[e].next_out) {
    if (edges_[e].source != source) continue;
    const Key key(edges_[e].type, edges_[e].to);
    edges_[e].selected ? void(had[key] = e) : void(done.insert(key));
  }
  Labels read;
  const auto at = selections_.find(source);
  for (std::size_t i = 0; at != selections_.end() && i < at->second.size(); ++i) {
    const Selection& selection = at->second[i];
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
void Store::reselect(NodeIndex target, const Labels& labels) {
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
    for (const Selection& selection : selections_[source]) {
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

void Store::draw_selected(EdgeIndex edge, NodeIndex source, NodeIndex target,
                          const Selection& selection) {
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

void Store::drop_selected(NodeIndex node) {
  for (EdgeIndex e = nodes_[node].first_in; e != kNone;) {
    const EdgeIndex next = edges_[e].next_in;
    if (edges_[e].selected) drop_edge(e);
    e = next;
  }
}

std::vector<KindId> Store::blind_selections() const {
  std::vector<KindId> out;
  for (KindId kind = 0, end = static_cast<KindId>(selectors_.size()); kind < end; ++kind) {
    if (!selectors_[kind].empty() && kinds_[kind].policy == KindPolicy::lookup) out.push_back(kind);
  }
  return out;
}

}  // namespace graph::model
