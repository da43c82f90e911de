// The plan of clusterDeployments.deploy: a new ClusterDeployment, after checking what KCM would find
// out only later: the template is valid, the credential is there, ready and of the template's
// provider, config fits what the template takes, and the name is free. One that is there as it is
// asked for is left as it is, so that the call can be repeated. The confirmation says which
// MultiClusterServices the new cluster gets by its labels, and holds for these.
//
// Sources: the k0rdent model of ClusterDeployment, its admission webhook and its controller
// (k0rdent/kcm v1.12: internal/webhook/clusterdeployment_webhook.go).
#pragma once

#include <memory>

#include "base/error.h"
#include "change/context.h"
#include "change/plan.h"
#include "deploy/arguments.h"

namespace deploy {

using PlannerResult = base::Result<std::unique_ptr<change::Planner>>;

PlannerResult plan_deploy(change::Context& context, Arguments arguments);
// For answers that end with the write: a model would take it for the cluster.
constexpr std::string_view kUnwaited =
    "without \"wait\" this answer says nothing of the cluster itself: clusterDeployments.getState "
    "shows how far it is";
// The wait that the arguments ask for; nullptr: none. Errc::invalid_argument: no such time limit.
base::Result<std::unique_ptr<change::Wait>> wait_of(change::Context& context,
                                                    const Arguments& arguments,
                                                    change::ClusterWaits::Until until);
// The same in the provider's words.
PlannerResult plan_aws(change::Context& context, Arguments arguments);
PlannerResult plan_azure(change::Context& context, Arguments arguments);
PlannerResult plan_gcp(change::Context& context, Arguments arguments);

}  // namespace deploy
