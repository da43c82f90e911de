// GraphObject: what the graph takes from one Kubernetes object: its node, what it says of relations
// (claims: most lead away from it, some to it), and the selectors it carries. Made from the object
// alone, without a look at any other.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tools/graph_kinds.h"
#include "tools/graph_labels.h"

namespace tools {

using EdgeType = std::uint8_t;
std::string_view edge_name(EdgeType type);
// Requires: `name` is one of the edges of the model (graph_rules.cc lists them).
EdgeType edge_type(std::string_view name);

struct GraphRef {
  KindId kind = kNoKind;
  std::string ns;  // "" for cluster-scoped kinds
  std::string name;
};

// One relation that an object's own text tells.
struct GraphClaim {
  EdgeType type = 0;
  GraphRef other;
  bool incoming = false;  // the edge leads from `other` to the object
  // Set: the edge leads from here to `other` (a chain says which template leads to which).
  GraphRef from = {};
  // A name or label convention: drawn only when both ends exist, their absence says nothing.
  bool convention = false;
  bool bare = false;            // `path` is told without the object it stands in
  std::uint64_t owner_uid = 0;  // not 0: only an `other` with this uid is meant
  std::string path = {};        // where it is told: ".spec.template"
};

// "Every object of `kind` with these labels", in one namespace or all.
struct GraphSelection {
  EdgeType type = 0;
  KindId kind = kNoKind;
  std::string ns = {};  // "": all
  LabelSelector selector = {};
  std::string path = {};
  bool operator==(const GraphSelection&) const = default;
};

struct GraphObject {
  GraphRef ref = {};
  std::uint64_t uid = 0;  // uid_hash of metadata.uid
  // The node's members after id, type, name and namespace: ,"uid":…,"labels":…,"state":…
  std::string members = {};
  GraphLabels labels = {};
  std::vector<GraphClaim> claims = {};
  std::vector<GraphSelection> selections = {};
};

// uids are only compared; 64 bits are enough for that. 0 for "" alone.
std::uint64_t uid_hash(std::string_view uid);

}  // namespace tools
