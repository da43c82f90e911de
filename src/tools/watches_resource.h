// k0rdent://watches: every watch and log stream that the caller's identity has at the API server,
// as the status pages show it (fanout/status_page.h): {"watches":[…]}. It can be read;
// subscriptions are refused, because each would have to report itself. Where callers have no
// identities of their own (DEV_ALLOW_ANY) all watches belong to the one identity, so every caller
// sees all.
#pragma once

#include <memory>

#include "cluster/cluster.h"
#include "mcp/resource.h"
#include "tools/register.h"

namespace tools {

// `cluster` and `managers` must outlive the family.
std::unique_ptr<mcp::ResourceFamily> make_watches_resource(const cluster::Cluster& cluster,
                                                           const Managers& managers);

}  // namespace tools
