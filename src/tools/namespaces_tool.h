// k0rdent.mgmt.namespaces.list: the namespaces that the filter allows, with labels and phase,
// sorted by name.
#pragma once

#include <memory>

#include "cluster/context.h"
#include "mcp/tool.h"

namespace tools {

// `context` must outlive the tool.
std::unique_ptr<mcp::Tool> make_namespaces_tool(cluster::Context& context);

}  // namespace tools
