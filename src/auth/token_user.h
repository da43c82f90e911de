// TokenUser: a verified access token's user, as the cluster is told (kube/config/impersonation.h) and
// as the server tells callers apart.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "auth/issuers.h"
#include "base/error.h"
#include "base/json.h"
#include "base/payload.h"

namespace auth {

struct TokenUser {
  // USER/DIGEST: the user as called() says (caller_identity.h), and a digest of all that makes this user another one:
  // issuer, subject, uid, groups and extra, each with its length before it. Not of what differs
  // between two tokens of one user, nor of the scopes: a client that logs in again for a higher scope
  // keeps its session.
  std::string identity;
  base::Payload acts_as;
};

// Errors are for the log: a user that cannot be impersonated (kube/config/impersonation.h).
base::Result<TokenUser> user_of(const Claims& claims);
// `user`: the status.user of a TokenReview. A service account is impersonated by its name alone: the
// API server adds its groups, and its pod's and node's names in `extra` would need rights of their
// own.
base::Result<TokenUser> user_of(base::json::Value user);
// What the user acts as where its tokens are exchanged (kube/config/caller_tokens.h): a name for all
// its tokens with which the issuer may deal alike: of this identity, client and scopes.
base::Payload exchanged_user(const TokenUser& user, const Claims& claims);

}  // namespace auth
