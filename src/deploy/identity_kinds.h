// The kinds that a Credential's identity may have, which of them a provider takes, and the identities
// that can be made of a Secret.
//
// Sources: the ProviderInterface objects of k0rdent/kcm's provider charts
// (templates/provider/cluster-api-provider-*/templates/interface.yaml); the CRDs of the Cluster API
// providers for AWS, Azure, vSphere and OpenStack.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace deploy {

// `interfaces`: the cluster's ProviderInterfaces, an array, or absent. Secrets are identities of
// several providers.
bool is_identity(std::string_view group, std::string_view kind, base::json::Value interfaces);
// What KCM's admission webhook refuses, in words: an identity of a kind that the infrastructure
// provider of the template (status.providers) does not take. "": it takes it, or k0rdent decides,
// because the provider is not known here.
std::string identity_problem(base::json::Value credential, base::json::Value cluster_template,
                             base::json::Value interfaces);
// "AWSClusterStaticIdentity, …, Secret"
std::string identity_kinds_text();

// What the identity is made of, beside its kind.
struct IdentityParts {
  std::string secret, secret_ns;     // of the Secret, which exists
  std::string tenant_id, client_id;  // Azure
};

// Whether an identity of this kind refers to a Secret.
bool has_secret(std::string_view kind);
// What a kind needs and `parts` lack, in words; "": nothing.
std::string missing_part(std::string_view kind, const IdentityParts& parts);
// {"spec":{…}}; every namespace may use it, as with k0rdent's own examples. Requires: has_secret().
std::string identity_body(std::string_view kind, const IdentityParts& parts);
// What becomes of the Secret that one does not expect; "": nothing.
std::string_view secret_warning(std::string_view kind);
// The Secret's name that an identity has.
std::string_view secret_of(std::string_view kind, base::json::Value identity);

}  // namespace deploy
