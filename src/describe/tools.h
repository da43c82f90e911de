// The tools that describe one object with what belongs to it, and the management cluster.
#pragma once

#include <memory>
#include <vector>

#include "cluster/cluster.h"
#include "mcp/tool.h"

namespace describe {

// `cluster` must outlive the tools.
std::vector<std::unique_ptr<mcp::Tool>> make_tools(cluster::Cluster& cluster);

}  // namespace describe
