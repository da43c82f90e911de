// k0rdent.mgmt.namespaces.list: the namespaces that the filter allows, with labels and phase,
// sorted by name.
#pragma once

#include <memory>

#include "mcp/tool.h"
#include "tools/kube_context.h"

namespace tools {

// `context` must outlive the tool.
std::unique_ptr<mcp::Tool> make_namespaces_tool(KubeContext& context);

}  // namespace tools
