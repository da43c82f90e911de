// The relations that one field tells, as a table: kind, edge, path, target. What needs more than a
// field (owners, labels, conventions, selectors) is in graph_reader.cc.
#pragma once

#include <span>
#include <string_view>

namespace tools {

struct GraphRule {
  std::string_view from;
  std::string_view edge;
  std::string_view path;  // of a name, or of an object {kind?, namespace?, name, apiVersion?}
  std::string_view to;    // "" : the object says its kind
  // Where a target is looked up whose reference names no namespace: of cluster-scoped objects the
  // system namespace.
  enum class Where : unsigned char {
    own,      // the object's namespace
    system,   // the system namespace, whatever is written
    written,  // none: the target is cluster-scoped then
    flux,     // the object's own, whatever is written for a target that is not Flux's
    clusters  // those of the clusters that a MultiClusterService matches: as many edges
  } where = Where::own;
  bool if_there = false;  // drawn only when the target exists
};

// In the order in which claims count: of two that tell the same edge the first gives its origin.
std::span<const GraphRule> graph_rules();

}  // namespace tools
