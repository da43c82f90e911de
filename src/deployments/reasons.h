// What is wrong with a ClusterDeployment and the objects behind it, worst first: from conditions,
// machines, services, Sveltos' summaries, and recent warnings about exactly these objects.
#pragma once

#include <vector>

#include "base/time.h"
#include "deployments/joined.h"
#include "deployments/update.h"

namespace deployments {

// An event says what was; what is older than this is in the conditions by now.
constexpr base::Duration kEventAge = base::hours(1);

// `services`: the ClusterDeployment's.
std::vector<Reason> reasons_of(Joined& joined, const std::vector<Service>& services,
                               base::WallTime now);

}  // namespace deployments
