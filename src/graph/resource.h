// k0rdent://graph{?namespace,kinds}: the resource graph of the management cluster. A read returns
// {"nodes":[…],"edges":[…],"notes":[…]} as of now; a subscription delivers deltas that lead there
// (manager.h). Both parameters are comma-separated lists (model/filter.h).
#pragma once

#include <memory>

#include "graph/manager.h"
#include "mcp/resource.h"

namespace graph {

// `cluster` and `manager` must outlive the family.
std::unique_ptr<mcp::ResourceFamily> make_graph_resource(cluster::Cluster& cluster,
                                                         Manager& manager);

}  // namespace graph
