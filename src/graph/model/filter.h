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

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "graph/model/store.h"

namespace graph::model {

struct Filter {
  std::vector<std::string> namespaces, kinds;  // sorted, each once; empty: all

  // From comma-separated lists. Errc::invalid_argument: an unknown kind (the message lists the
  // known ones), an invalid namespace name, or a namespace that the server's filter hides.
  static base::Result<Filter> parse(std::string_view namespaces, std::string_view kinds,
                                    const cluster::NamespaceFilter& allowed);
  std::string text() const;  // equal for equal filters
  bool names_kind(std::string_view type) const;

  bool shows(const Store& store, NodeIndex index) const;
  bool shows_edge(const Store& store, EdgeIndex index) const;

 private:
  bool has_place(const Store& store, NodeIndex index, bool exists) const;
};

}  // namespace graph::model
