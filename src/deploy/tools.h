// The tools that write k0rdent's own objects: ClusterDeployments and their services,
// MultiClusterServices, Credentials.
#pragma once

#include <memory>
#include <vector>

#include "change/context.h"
#include "mcp/tool.h"

namespace deploy {

// `context` must outlive them.
std::vector<std::unique_ptr<mcp::Tool>> make_write_tools(change::Context& context);

}  // namespace deploy
