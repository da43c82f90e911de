// What a node shows of its object besides its identity: labels, a short state, and a summary of a
// few fields. Depends on the object alone (no clock): a node changes only when its object does.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "graph/model/kinds.h"

namespace graph::model {

// ,"uid":…[,"labels":…][,"state":…][,"summary":…]
std::string node_members(const Kind& kind, base::json::Value object);

// "" for kinds without a state. The states: ready, progressing, pending, failed, deleting,
// stuck-deleting, paused, dry-run, valid, invalid, bound, and for a Cluster its phase in lower
// case.
//   pending         not reconciled yet, or not since its spec last changed
//   stuck-deleting  its deletion failed, or its Credential is gone, without which it never ends
std::string node_state(const Kind& kind, base::json::Value object);

}  // namespace graph::model
