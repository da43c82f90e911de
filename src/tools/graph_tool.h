// k0rdent.mgmt.graph.snapshot: the resource graph, or the part of it around the objects of one
// name, as nodes and edges or as a Mermaid flowchart.
#pragma once

#include <memory>

#include "mcp/tool.h"
#include "tools/graph_manager.h"

namespace tools {

// `context` and `manager` must outlive the tool.
std::unique_ptr<mcp::Tool> make_graph_tool(KubeContext& context, GraphManager& manager);

}  // namespace tools
