#include "kinds/credential_provider.h"

#include "cluster/template_name.h"

namespace kinds {

std::string_view identity_provider(std::string_view kind) {
  struct Known {
    std::string_view prefix, provider;
  };
  constexpr Known kKnown[] = {
      {"AWS", "aws"},         {"Azure", "azure"},         {"GCP", "gcp"},
      {"VSphere", "vsphere"}, {"OpenStack", "openstack"}, {"Kubevirt", "kubevirt"}};
  for (const Known& each : kKnown) {
    if (kind.starts_with(each.prefix)) return each.provider;
  }
  return {};
}

std::string_view credential_provider(base::json::Value object) {
  const std::string_view provider = identity_provider(object["spec"]["identityRef"]["kind"].str());
  if (!provider.empty()) return provider;
  return cluster::provider_name(
      object["metadata"]["labels"]["k0rdent.mirantis.com/provider"].str());
}

std::string_view identity_namespace(base::json::Value credential) {
  const base::json::Value identity = credential["spec"]["identityRef"];
  for (const std::string_view each : {"AWSClusterStaticIdentity", "AWSClusterRoleIdentity",
                                      "AWSClusterControllerIdentity", "VSphereClusterIdentity"}) {
    if (identity["kind"].str() == each) return {};
  }
  const std::string_view named = identity["namespace"].str();
  return named.empty() ? credential["metadata"]["namespace"].str() : named;
}

std::span<const std::string_view> identity_secret_keys(base::json::Value identity) {
  static constexpr std::string_view kAws[] = {"AccessKeyID", "SecretAccessKey"},
                                    kAzure[] = {"clientSecret"},
                                    kVSphere[] = {"username", "password"},
                                    kOpenStack[] = {"clouds.yaml"};
  const std::string_view kind = identity["kind"].str(), type = identity["spec"]["type"].str();
  if (kind == "AWSClusterStaticIdentity") return kAws;
  if (kind == "AzureClusterIdentity" && type == "ServicePrincipal") return kAzure;
  if (kind == "VSphereClusterIdentity") return kVSphere;
  if (kind == "OpenStackClusterIdentity") return kOpenStack;
  return {};
}

}  // namespace kinds
