#include "tools/graph_walk.h"

#include <algorithm>

namespace tools {

namespace {

bool is_called(const GraphNode& node, const std::string& name) {
  if (*node.id == name || node.name() == name) return true;
  const std::string_view id(*node.id);
  return id.substr(id.find(':') + 1) == name;  // "namespace/name"
}

// Calls fn for the edges from `node` in the given direction.
template <class Fn>
void each_edge(const GraphStore& store, NodeIndex node, GraphDirection direction, Fn fn) {
  if (direction != GraphDirection::upstream) {
    for (EdgeIndex e = store.node(node).first_out; e != kNone; e = store.edge(e).next_out)
      fn(e, store.edge(e).to);
  }
  if (direction != GraphDirection::downstream) {
    for (EdgeIndex e = store.node(node).first_in; e != kNone; e = store.edge(e).next_in)
      fn(e, store.edge(e).from);
  }
}

void walk(const GraphStore& store, const GraphQuery& query, GraphPart& part) {
  std::vector<bool> seen(store.node_slots()), taken(store.edge_slots());
  for (const NodeIndex node : part.nodes)
    seen[node] = true;
  std::size_t from = 0;
  for (int step = 0; step < query.depth; ++step) {
    const std::size_t end = part.nodes.size();
    for (; from < end; ++from) {
      each_edge(store, part.nodes[from], query.direction, [&](EdgeIndex edge, NodeIndex other) {
        if (taken[edge] || !query.filter.shows_edge(store, edge)) return;
        taken[edge] = true;
        part.edges.push_back(edge);
        if (seen[other] || !store.node(other).exists) return;
        seen[other] = true;
        part.nodes.push_back(other);
      });
    }
    if (end == part.nodes.size()) break;
  }
}

}  // namespace

GraphPart select_part(const GraphStore& store, const GraphQuery& query) {
  GraphPart part;
  for (NodeIndex i = 0; i < store.node_slots(); ++i) {
    const GraphNode& node = store.node(i);
    if (!node.id || !query.filter.shows(store, i)) continue;
    if (query.name.empty() || is_called(node, query.name)) part.nodes.push_back(i);
  }
  if (!query.name.empty()) {
    walk(store, query, part);
  } else {
    for (EdgeIndex e = 0; e < store.edge_slots(); ++e) {
      if (store.edge(e).from != kNone && query.filter.shows_edge(store, e)) part.edges.push_back(e);
    }
  }
  std::sort(part.nodes.begin(), part.nodes.end(), [&](NodeIndex a, NodeIndex b) {
    const GraphNode &x = store.node(a), &y = store.node(b);
    return x.kind != y.kind ? x.kind < y.kind : *x.id < *y.id;
  });
  return part;
}

}  // namespace tools
