// k0rdent.mgmt.events.list: the events of a namespace, newest first, filtered (`limit` keeps the
// newest).
#pragma once

#include <memory>

#include "cluster/cluster.h"
#include "mcp/tool.h"

namespace events {

// `cluster` must outlive the tool.
std::unique_ptr<mcp::Tool> make_events_tool(cluster::Cluster& cluster);

}  // namespace events
