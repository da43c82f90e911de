// The tools for objects of any kind that the cluster serves.
//
//   k0rdent.mgmt.objects.kinds   which kinds there are, as kubectl api-resources prints them
//   k0rdent.mgmt.objects.list    objects of a kind, with kubectl's columns (a server-side Table)
//   k0rdent.mgmt.objects.get     one object
//   k0rdent.mgmt.objects.wait_for  until an object has a condition or value, is there or is gone
#pragma once

#include <memory>

#include "cluster/cluster.h"
#include "mcp/tool.h"

namespace objects {

// `context` must outlive the tools.
std::unique_ptr<mcp::Tool> make_kinds_tool(cluster::Cluster& context);
std::unique_ptr<mcp::Tool> make_get_tool(cluster::Cluster& cluster);
std::unique_ptr<mcp::Tool> make_list_tool(cluster::Cluster& context);
std::unique_ptr<mcp::Tool> make_wait_tool(cluster::Cluster& cluster);

}  // namespace objects
