// k0rdent://podlogs/{namespace}/{pod}/{container}: a read returns the log as text (its newest
// megabyte; a first line in brackets reports older bytes that were left out); a subscription
// follows the log (manager.h). The container is optional when the pod has only one;
// ?tailLines=, ?sinceSeconds= and ?previous= are allowed.
#pragma once

#include <memory>

#include "logs/manager.h"
#include "mcp/resource.h"

namespace logs {

// `cluster` and `manager` must outlive the family.
std::unique_ptr<mcp::ResourceFamily> make_pod_log_resource(cluster::Cluster& cluster,
                                                           Manager& manager);

}  // namespace logs
