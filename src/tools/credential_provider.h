// Credentials, for the tools that list them.
#pragma once

#include <string_view>

#include "base/json.h"
#include "cluster/list.h"

namespace tools {

inline constexpr cluster::ListedKind kCredentials = {"credentials", "k0rdent.mirantis.com",
                                                     "v1beta1,v1alpha1"};

// The provider of a Credential by the kind of its identity: "aws". A plain Secret, which GCP and
// adopted clusters use, says nothing: then the label k0rdent.mirantis.com/provider, or "".
std::string_view credential_provider(base::json::Value object);

}  // namespace tools
