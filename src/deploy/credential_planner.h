// The plan of credentials.create: a Credential for an identity that exists.
#pragma once

#include "deploy/deploy_planner.h"

namespace deploy {

PlannerResult plan_credential(change::Context& context, Arguments arguments);

}  // namespace deploy
