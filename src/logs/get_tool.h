// k0rdent.mgmt.podLogs.get: the end of a container's log, as much as a model can take; the answer
// says whether it was cut. `follow` starts nothing: the answer has the URI to subscribe to, so that
// no stream ever runs without a subscriber.
#pragma once

#include <memory>

#include "cluster/cluster.h"
#include "mcp/tool.h"

namespace logs {

// `cluster` must outlive the tool.
std::unique_ptr<mcp::Tool> make_pod_logs_tool(cluster::Cluster& cluster);

}  // namespace logs
