// Which ClusterDeployments a MultiClusterService installs its services in: the rule that the tools which
// say, count or show it have in common.
#pragma once

#include "base/json.h"
#include "graph/model/labels.h"

namespace graph::model {

// k0rdent leaves out a cluster that is being deleted, and an empty selector selects none.
inline bool is_selected(const LabelSelector& selector, base::json::Value cluster) {
  const base::json::Value metadata = cluster["metadata"];
  return !selector.empty() && !metadata["deletionTimestamp"] &&
         selector.matches(Labels(metadata["labels"]));
}

// Its services are in the management cluster, too, which no selector selects.
inline bool is_for_management(base::json::Value service) {
  return service["spec"]["serviceSpec"]["provider"]["selfManagement"].bool_or(false);
}

}  // namespace graph::model
