// GraphQuery: which part of the graph a client asked for: what is around the objects of one name,
// along the edges.
//
//   name       where to begin: every node of that name (the filter's kinds and namespaces choose
//              among several)
//   depth      most edges away from there; only with a name
//   direction  downstream: along the edges (what it uses, what it made); upstream: against them
//              (what uses it); both
//
// Without a name: everything that the filter shows.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tools/graph_filter.h"

namespace tools {

enum class GraphDirection : unsigned char { downstream, upstream, both };

struct GraphQuery {
  GraphFilter filter;
  std::string name;  // "": all; "Kind:namespace/name" and "namespace/name", too
  int depth = 1;
  GraphDirection direction = GraphDirection::both;
};

struct GraphPart {
  std::vector<NodeIndex> nodes;  // by kind, then id
  std::vector<EdgeIndex> edges;
};

GraphPart select_part(const GraphStore& store, const GraphQuery& query);

}  // namespace tools
