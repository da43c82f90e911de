// The plan of credentials.create: a Credential for an identity that exists, or that is made with it
// of a Secret that exists. A secret itself is never an argument.
//
//   the identity is there                             the Credential for it
//   it is not, and `secretName` names a Secret        both (identity_kinds.h); the Secret is where
//                                                     the provider looks for it: in the identity's
//                                                     namespace, or k0rdent's own
//   the Credential is there for the same identity     nothing to change
//   it is there for another one                       refused
#pragma once

#include "deploy/deploy_planner.h"

namespace deploy {

PlannerResult plan_credential(change::Context& context, Arguments arguments);

}  // namespace deploy
