// Where a reference from an object behind a ClusterDeployment leads.
#pragma once

#include <string_view>

#include "base/json.h"
#include "cluster/collection.h"

namespace deployments {

// The collection that {apiVersion or apiGroup, kind, …} names. Its plural is the table's
// (kinds/table.h); a kind that is not in it has the one that Cluster API requires (contract "CRD
// naming"). Without a version the usual ones are looked for.
cluster::Collection collection_of(base::json::Value reference);
// "infrastructure.cluster.x-k8s.io".
std::string_view group_of(base::json::Value reference);

}  // namespace deployments
