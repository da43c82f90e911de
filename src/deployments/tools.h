// The tools around one ClusterDeployment. All take its namespace and name, read it and what is
// behind it (joined.h), and answer with one report. A tool is a row of tools.cc: its name and texts,
// the members of its answer, and the function that writes them.
#pragma once

#include <memory>
#include <vector>

#include "cluster/cluster.h"
#include "mcp/tool.h"

namespace deployments {

// `cluster` must outlive the tools.
std::vector<std::unique_ptr<mcp::Tool>> make_tools(cluster::Cluster& cluster);

}  // namespace deployments
