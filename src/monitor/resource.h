// k0rdent://cluster-monitor/{namespace}/{name}: the progress of one cluster, to read and to
// subscribe to (manager.h).
#pragma once

#include <memory>

#include "cluster/cluster.h"
#include "mcp/resource.h"
#include "monitor/manager.h"

namespace monitor {

// Both must outlive the family.
std::unique_ptr<mcp::ResourceFamily> make_monitor_resource(cluster::Cluster& cluster,
                                                           Manager& manager);

}  // namespace monitor
