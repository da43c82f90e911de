// The relations that a single field states, as a table: kind, edge, path, target. What needs more
// than one field (owners, labels, conventions, selectors) is in reader.cc.
#pragma once

#include <span>
#include <string_view>

namespace graph::model {

struct Rule {
  std::string_view from;
  std::string_view edge;
  std::string_view path;  // of a name, or of an object {kind?, namespace?, name, apiVersion?}
  std::string_view to;    // "": the reference has its kind
  // The namespace of a target whose reference gives none. Cluster-scoped objects have the system
  // namespace as their own.
  enum class Where : unsigned char {
    own,      // the object's namespace
    system,   // the system namespace, even if the reference gives another
    written,  // none: the target is cluster-scoped then
    flux,     // the object's own, even if the reference to a target not Flux's gives another
    clusters  // those of the clusters that a MultiClusterService matches: an edge for each
  } where = Where::own;
  bool if_there = false;  // drawn only when the target exists
};

// In order of precedence: when two rules state the same edge the first gives its derivedFrom.
std::span<const Rule> graph_rules();

}  // namespace graph::model
