// What services of one object depend on: others of the same list, by name and namespace
// (services[].dependsOn). KCM's webhook refuses those of a ClusterDeployment that are not in it, or go in
// a circle; those of a MultiClusterService it takes, and never installs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace deploy {

// The CRD's default for services[].namespace.
constexpr std::string_view kServiceNamespace = "default";

// "namespace/name" of a service, or of what one depends on.
std::string service_key(base::json::Value service);

// "service cm/a depends on cm/b, which is not there; there are: cm/a"; "": each of `services` finds what it
// depends on.
std::string missing_dependency(base::json::Value services);
// "services depend on each other in a circle: cm/a on cm/b on cm/a", of the services that `key` depends on;
// "": they do not come back to it.
std::string dependency_circle(base::json::Value services, const std::string& key);
// The same, beginning at any of them.
std::string dependency_circle(base::json::Value services);

}  // namespace deploy
