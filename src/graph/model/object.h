// Object: what the graph takes from one Kubernetes object: its node, the relations that it
// states (claims: most lead away from it, some to it), and the selectors that it has. Made from the
// object alone, without looking at any other.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "graph/model/kinds.h"
#include "graph/model/labels.h"

namespace graph::model {

using EdgeType = std::uint8_t;
std::string_view edge_name(EdgeType type);
// Requires: `name` is one of the edges of the model (rules.cc lists them).
EdgeType edge_type(std::string_view name);

struct Ref {
  KindId kind = kNoKind;
  std::string ns;  // "" for cluster-scoped kinds
  std::string name;
};

// One relation that an object itself states.
struct Claim {
  EdgeType type = 0;
  Ref other;
  bool incoming = false;  // the edge leads from `other` to the object
  // If set, the edge leads from here to `other` (a chain states which template leads to which).
  Ref from = {};
  // A name or label convention: drawn only when both ends exist; a missing end means nothing.
  bool convention = false;
  bool bare = false;            // derivedFrom is `path` alone, without the object that states it
  std::uint64_t owner_uid = 0;  // not 0: only an `other` with this uid is meant
  std::string path = {};        // where it is stated: ".spec.template"
};

// "Every object of `kind` with these labels", in one namespace or in all.
struct Selection {
  EdgeType type = 0;
  KindId kind = kNoKind;
  std::string ns = {};  // "": all
  LabelSelector selector = {};
  std::string path = {};
  bool operator==(const Selection&) const = default;
};

struct Object {
  Ref ref = {};
  std::uint64_t uid = 0;  // uid_hash of metadata.uid
  // The node's members after id, type, name and namespace: ,"uid":…,"labels":…,"state":…
  std::string members = {};
  Labels labels = {};
  std::vector<Claim> claims = {};
  std::vector<Selection> selections = {};
};

// uids are only compared, for which 64 bits are enough. 0 only for "".
std::uint64_t uid_hash(std::string_view uid);

}  // namespace graph::model
