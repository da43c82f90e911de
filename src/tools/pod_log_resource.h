// k0rdent://podlogs/{namespace}/{pod}/{container}: read gives the log as text (its newest megabyte;
// a first line in brackets says when older bytes were left out), subscribe follows it
// (pod_log_manager.h). The container may be left out when the pod has one; ?tailLines=,
// ?sinceSeconds=, ?previous= are allowed.
#pragma once

#include <memory>

#include "mcp/resource.h"
#include "tools/pod_log_manager.h"

namespace tools {

// `context` and `manager` outlive the family.
std::unique_ptr<mcp::ResourceFamily> make_pod_log_resource(KubeContext& context,
                                                           PodLogManager& manager);

}  // namespace tools
