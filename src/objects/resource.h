// k0rdent://objects/…: an object of any kind that the cluster serves, or a list of them, to read
// (read.h) and to subscribe to (manager.h). request.h has the URIs; each of the two has its template.
#pragma once

#include <memory>

#include "cluster/cluster.h"
#include "mcp/resource.h"
#include "objects/manager.h"

namespace objects {

// `cluster` and `manager` must outlive the families.
std::unique_ptr<mcp::ResourceFamily> make_object_resource(cluster::Cluster& cluster,
                                                          Manager& manager);
std::unique_ptr<mcp::ResourceFamily> make_object_list_resource(cluster::Cluster& cluster,
                                                               Manager& manager);

}  // namespace objects
