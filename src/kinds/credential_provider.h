// The provider of a Credential and its identity, for the tools that list them.
#pragma once

#include <span>
#include <string_view>

#include "base/json.h"

namespace kinds {

// The provider whose identities are of a kind: "aws" of "AWSClusterStaticIdentity"; "": of several.
std::string_view identity_provider(std::string_view kind);

// The provider of a Credential by the kind of its identity: "aws". A plain Secret, which GCP and
// adopted clusters use, says nothing: then the label k0rdent.mirantis.com/provider, or "".
std::string_view credential_provider(base::json::Value object);

// The namespace of a Credential's identity, "": it is in none. A Secret's reference may leave out the
// Credential's own; identities of AWS and vSphere are cluster-scoped (spec.identityRef has none then).
std::string_view identity_namespace(base::json::Value credential);

// The keys without which a provider cannot use the Secret of an identity (the object, with its kind);
// none: not known. What is for some ways to log in only, like AWS's SessionToken, is not among them.
std::span<const std::string_view> identity_secret_keys(base::json::Value identity);

}  // namespace kinds
