// Query: which part of the graph a client asked for: what is around the objects of one name,
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

#include "graph/model/filter.h"

namespace graph::model {

enum class Direction : unsigned char { downstream, upstream, both };

struct Query {
  Filter filter;
  std::string name;  // "": all; "Kind:namespace/name" and "namespace/name", too
  int depth = 1;
  Direction direction = Direction::both;
};

struct Part {
  std::vector<NodeIndex> nodes;
  std::vector<EdgeIndex> edges;
};

// By kind, then id.
bool goes_before(const Store& store, NodeIndex a, NodeIndex b);

// From the objects of the query's name along the edges, an edge a step. The store must not change
// meanwhile.
class GraphWalk {
 public:
  // Both outlive it.
  GraphWalk(const Store& store, const Query& query) : store_(&store), query_(&query) {}
  // Begins there if it is called so. Requires: before the first step().
  void look_at(NodeIndex index);
  // False: that was all. `looked` grows by what it costs.
  bool step(std::size_t& looked);
  // In the order of their coming.
  const Part& part() const { return part_; }

 private:
  void begin();
  void arrive();
  void pass(EdgeIndex edge, NodeIndex other);

  const Store* store_;
  const Query* query_;
  Part part_;
  std::vector<bool> seen_, taken_;
  std::size_t at_ = 0, end_ = 0;  // of the nodes so many edges away
  int away_ = 0;
  EdgeIndex out_ = kNone, in_ = kNone;  // of the node at_ the next ones
  bool begun_ = false;
};

}  // namespace graph::model
