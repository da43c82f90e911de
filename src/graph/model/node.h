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

// The word of kinds/kind.h.
std::string node_state(const Kind& kind, base::json::Value object);

}  // namespace graph::model
