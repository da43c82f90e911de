// The provider of a Credential, for the tools that list them.
#pragma once

#include <string_view>

#include "base/json.h"

namespace kinds {

// The provider of a Credential by the kind of its identity: "aws". A plain Secret, which GCP and
// adopted clusters use, says nothing: then the label k0rdent.mirantis.com/provider, or "".
std::string_view credential_provider(base::json::Value object);

}  // namespace kinds
