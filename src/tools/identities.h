// k0rdent.mgmt.providers.listIdentities.
#pragma once

#include <memory>

#include "cluster/cluster.h"
#include "mcp/tool.h"

namespace tools {

// Groups the Credentials that the caller may see by the identity object that they name; the
// identity objects themselves are not read. `cluster` must outlive the tool.
std::unique_ptr<mcp::Tool> make_identities_tool(cluster::Cluster& cluster);

}  // namespace tools
