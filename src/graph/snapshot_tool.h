// k0rdent.mgmt.graph.snapshot: the resource graph, or the part of it around the objects of one
// name, as nodes and edges or as a Mermaid flowchart.
#pragma once

#include <memory>

#include "graph/manager.h"
#include "mcp/tool.h"

namespace graph {

// `cluster` and `manager` must outlive the tool.
std::unique_ptr<mcp::Tool> make_graph_tool(cluster::Cluster& cluster, Manager& manager);

}  // namespace graph
