// Type: a kind of object that the simulated API server serves.
#pragma once

#include <string>
#include <string_view>

namespace sim {

struct Type {
  std::string group;  // "" is core
  std::string version;
  std::string plural;
  std::string kind;
  bool namespaced = true;
  bool custom = false;  // defined by a CRD: the items of its lists carry kind and apiVersion

  std::string api_version() const { return group.empty() ? version : group + "/" + version; }
  // "pods", "clusterdeployments.k0rdent.mirantis.com": as error texts name it.
  std::string text() const { return group.empty() ? plural : plural + "." + group; }
};

// The plural of a kind by English rules ("Credential" → "credentials", "Policy" → "policies").
std::string plural_of(std::string_view kind);

}  // namespace sim
