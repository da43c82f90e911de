#include "kinds/credential_provider.h"

namespace kinds {

std::string_view credential_provider(base::json::Value object) {
  struct Known {
    std::string_view prefix, provider;
  };
  constexpr Known kKnown[] = {
      {"AWS", "aws"},         {"Azure", "azure"},         {"GCP", "gcp"},
      {"VSphere", "vsphere"}, {"OpenStack", "openstack"}, {"Kubevirt", "kubevirt"}};
  const std::string_view kind = object["spec"]["identityRef"]["kind"].str();
  for (const Known& each : kKnown) {
    if (kind.starts_with(each.prefix)) return each.provider;
  }
  return object["metadata"]["labels"]["k0rdent.mirantis.com/provider"].str();
}

}  // namespace kinds
