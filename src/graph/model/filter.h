// Filter: which part of the graph a client asked for.
//
//   kinds       only nodes of these types; without it all but those that must be requested
//               (KindPolicy::asked)
//   namespaces  only objects of these namespaces, and the cluster-scoped objects that an edge joins
//               with one of them (the MultiClusterService that selects a cluster there, its
//               provider): without them a client could not see why something is deployed
//
// An edge is included when both its ends are; an end that does not exist is judged by its type and
// namespace.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/limits.h"
#include "graph/model/store.h"

namespace graph::model {

// Limit of each list, as in a URI: every kind, named once, takes 1,200. One as large as a message
// would be split and sorted in one turn of the loop.
constexpr std::size_t kFilterBytes = base::limits::kUriBytes;

struct Filter {
  std::vector<std::string> namespaces, kinds;  // sorted, each once; empty: all

  // From comma-separated lists. Errc::invalid_argument: more than kFilterBytes, an unknown kind
  // (the message lists the known ones), an invalid namespace name, or a namespace that the server's
  // filter hides.
  static base::Result<Filter> parse(std::string_view namespaces, std::string_view kinds,
                                    const cluster::NamespaceFilter& allowed);
  std::string text() const;  // equal for equal filters
  bool names_kind(std::string_view type) const;

  bool shows(const Store& store, NodeIndex index) const;
  bool shows_edge(const Store& store, EdgeIndex index) const;
  // The same for a caller that knows what shows() returns: `shown(node)`, for the ends that exist.
  template <class Shown>
  bool shows_edge(const Store& store, EdgeIndex index, Shown shown) const {
    const Edge& edge = store.edge(index);
    const auto has = [&](NodeIndex end) {
      return store.node(end).exists ? shown(end) : has_place(store, end, false);
    };
    return edge.drawn && has(edge.from) && has(edge.to);
  }
  // What shows() costs, in looks: for a cluster-scoped object it asks for each namespace.
  std::size_t cost(const Node& node) const {
    return node.exists && node.ns().empty() ? 1 + namespaces.size() / kNamespacesPerLook : 1;
  }

 private:
  static constexpr std::size_t kNamespacesPerLook = 4;
  bool has_place(const Store& store, NodeIndex index, bool exists) const;
};

}  // namespace graph::model
