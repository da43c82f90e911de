// The plans of multiClusterServices.apply and .delete, with the clusters that match before and after.
#pragma once

#include "deploy/deploy_planner.h"

namespace deploy {

PlannerResult plan_multi_cluster_apply(change::Context& context, Arguments arguments);
PlannerResult plan_multi_cluster_delete(change::Context& context, Arguments arguments);

}  // namespace deploy
