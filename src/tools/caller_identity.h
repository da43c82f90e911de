// What of a SelfSubjectReview makes a caller's identity.
#pragma once

#include <string>

#include "base/json.h"

namespace tools {

// The name for people and a digest of name, uid, groups and extra, each with its length before it:
// what an identity provider puts into a name can't make two users one. "": the answer names nobody,
// or the one that requests without credentials have: a proxy on the way dropped the token.
std::string identity_of(base::json::Value user_info);

}  // namespace tools
