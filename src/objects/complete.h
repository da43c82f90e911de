// Completes the variables of k0rdent://objects/{group}/{version}/{resource}/{namespace}/{name}: from
// what the cluster serves, its namespaces, and the names of its objects. A variable that depends on
// one that is not chosen yet gets no suggestion, or all that any choice would allow.
//
//   group       those that are served; "core" for the one without a name
//   version     those of the group, the preferred one first
//   resource    plurals of the group and version that can be listed
//   namespace   those that the operator's filter allows; "-" where a kind is not in namespaces
//   name        objects of the chosen kind and namespace
#pragma once

#include <memory>

#include "cluster/cluster.h"
#include "mcp/completion.h"
#include "mcp/context.h"

namespace objects {

// Both must outlive the run. nullptr: the reply was already sent.
std::unique_ptr<mcp::ToolRun> complete_variable(cluster::Cluster& cluster,
                                                const mcp::CompletionRequest& request,
                                                mcp::CompletionReply& reply);

}  // namespace objects
