// What is wrong with a ClusterDeployment and the objects behind it, worst first: from conditions,
// machines, services, Sveltos' summaries, and recent warnings about exactly these objects.
#pragma once

#include <vector>

#include "base/time.h"
#include "deployments/joined.h"
#include "deployments/update.h"

namespace deployments {

// `is`: its assessment: until KCM calls the Cluster failed, what Cluster API's objects say is no
// worse than that. `services`: the ClusterDeployment's. Of one severity, what is closest to the
// cause comes first.
std::vector<Reason> reasons_of(Joined& joined, const Assessment& is,
                               const std::vector<Service>& services, base::WallTime now);

// Puts the first cause before the message of an assessment that has only a Cluster's sum.
void name_cause(Assessment& is, const std::vector<Reason>& reasons);

}  // namespace deployments
