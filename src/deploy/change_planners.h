// The plans of the tools that change a ClusterDeployment that is there: update, upgrade, services,
// delete. Each reads it first; the write has its uid and resourceVersion, so that nothing that
// another writer changed meanwhile is lost.
#pragma once

#include "deploy/deploy_planner.h"

namespace deploy {

// A JSON merge of config, checked as for a new deployment.
PlannerResult plan_update(change::Context& context, Arguments arguments);
// Another template, along the chain's available upgrades only.
PlannerResult plan_upgrade(change::Context& context, Arguments arguments);
PlannerResult plan_delete(change::Context& context, Arguments arguments);
// One entry of spec.serviceSpec.services; the others stay as they are.
PlannerResult plan_service(change::Context& context, Arguments arguments);
PlannerResult plan_service_removal(change::Context& context, Arguments arguments);

}  // namespace deploy
