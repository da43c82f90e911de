// From a token's payload to a Kubernetes user: user, groups, uid, extra and scopes, as the issuer's
// settings name the claims.
//
// A name that a claim gives is refused, and the token with it, when
//   it begins with "system:" after its prefix was put before it, in any case: RBAC's own users and
//     groups are not for issuers to give, and RBAC has no rule that could say so
//   it is empty, or has a control character or one that reorders text
//   it has a blank at an end: HTTP drops it from a header, and two names become one
// A claim of another type than expected is refused, too; only groups, scopes, uid and extra may be
// missing. The claim email counts only with email_verified: true; else every user could state it.
#pragma once

#include <cstddef>

#include "auth/token/claims.h"
#include "auth/token/issuer_settings.h"
#include "base/error.h"
#include "base/json.h"

namespace auth::token {

// Each group is a header of each request to the API server. Entra ID sends 200 at most.
constexpr std::size_t kGroups = 512;
constexpr std::size_t kScopes = 256;

// Sets user, groups, uid, extra and scopes of `claims`. Errors name the claim, not its value:
//   forbidden      a name that is refused, or too many: another token of the user has it, too
//   unauthorized   a claim that is missing or of another type, scopes included: another token may be
//                  better
base::Result<void> read_identity(base::json::Value payload, const IssuerSettings& settings,
                                 Claims& claims);

}  // namespace auth::token
