// The services of a ClusterDeployment: those that its status reports (of all ServiceSets, a
// MultiClusterService's included), and those that its spec wants and no status has yet.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace deployments {

struct Service {
  base::json::Value status;                  // absent: not reported yet
  base::json::Value spec;                    // absent: not its own, a MultiClusterService's
  base::json::Value path;                    // its element of status.servicesUpgradePaths
  std::string_view name, ns, template_name;  // views into the object
  // KCM's word (Pending, Provisioning, Deployed, Failed, Deleting, Deleted); "Waiting": wanted, and
  // in no ServiceSet yet, because what it depends on is not deployed or KCM has not acted.
  std::string_view state;
  // It is not Deployed, and another entry of its name and namespace is (a MultiClusterService's,
  // mostly): KCM counts it as ready.
  bool deployed_elsewhere = false;
};

// In the order of the status, then of the spec. One that the ClusterDeployment and a
// MultiClusterService deploy has two entries.
std::vector<Service> services_of(base::json::Value deployment);

// The name of the StateManagementProvider that its services are for.
std::string_view provider_of_services(base::json::Value deployment);

struct ServiceCount {
  std::size_t total = 0, deployed = 0, failed = 0;
  bool all_deployed() const { return deployed == total; }
};
// By name and namespace: ready if any entry is Deployed, failed if one failed and none is.
// Services under removal, and disabled ones, are not counted.
ServiceCount count(const std::vector<Service>& services);

// {"name":…,"namespace":…,"template":…,"state":…,"type":…,"version":…,"failureMessage":…,
// "lastTransitionTime":…,"dependsOn":[…],"upgrades":[…],"conditions":[…]}
std::string service_json(const Service& service);
// "  ingress/ingress-nginx  Failed  ingress-nginx-4-14-3  cannot manage chart …"
std::string service_line(const Service& service);

}  // namespace deployments
