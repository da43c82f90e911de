// What a node says of its object besides who it is: labels, a short state, and a summary of a few
// fields. Depends on nothing but the object (no clock): a node changes when its object does.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "tools/graph_kinds.h"

namespace tools {

// ,"uid":…[,"labels":…][,"state":…][,"summary":…]
std::string node_members(const GraphKind& kind, base::json::Value object);

// "" for kinds without one. The words: ready, progressing, pending, failed, deleting,
// stuck-deleting, paused, dry-run, valid, invalid, bound, and of Cluster its phase in lower case.
//   pending         not looked at yet, or not since the last change of its spec
//   stuck-deleting  its deletion failed, or its Credential is gone, without which it never ends
std::string node_state(const GraphKind& kind, base::json::Value object);

}  // namespace tools
