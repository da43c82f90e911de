// k0rdent.mgmt.providers.list: the infrastructure providers of this cluster, by name: those that its
// Management or a Region has available (status.availableProviders), those that have a
// ProviderInterface, and those that a ClusterTemplate asks for. What the caller may not list is a
// note; an error only when it may list none of these. Within maxBytes: descriptions are cut first.
#pragma once

#include <memory>

#include "cluster/cluster.h"
#include "mcp/tool.h"

namespace tools {

// `cluster` must outlive the tool.
std::unique_ptr<mcp::Tool> make_providers_tool(cluster::Cluster& cluster);

}  // namespace tools
