// What is wrong with the services of one ClusterDeployment, by its ClusterSummaries and by KCM's
// list of them. Internal to reasons.cc.
#pragma once

#include <vector>

#include "base/json.h"
#include "deployments/services.h"
#include "deployments/update.h"

namespace deployments {

// One that is Failed, and of which another entry is Deployed, is for information: KCM counts it as
// ready.
std::vector<Reason> service_reasons(const std::vector<Service>& services,
                                    const std::vector<base::json::Value>& summaries);

}  // namespace deployments
