// A kind by the name that people give it, as kubectl takes it, from what the cluster serves:
//
//   clusterdeployments, clusterdeployment, ClusterDeployment, cd    plural, singular, kind, short
//                                                                   name; upper or lower case
//   deployments.apps, deploy.apps                                   with its group
//   deployments.v1.apps, apps/v1/Deployment, v1/Pod                 with its version
//
// A plural counts before a singular or kind, and these before a short name. If several groups
// have the name, the core group counts, as with kubectl (events, pods); others have to be named
// with their group. Without a version the group's preferred one is meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "kube/api_catalog.h"

namespace cluster {

struct NamedKind {
  std::string group, version;
  kube::ServedResource resource;
  // "pods", "deployments.apps"
  std::string text() const;
};

enum class KindsIn : unsigned char {
  one_group,  // a kind that is read or written
  any_group,  // a kind that is only named, as by an Event: several groups may have one of that name
};

// Errc::not_found: no such kind, with the nearest names and the parts of the API that could not be
// read. Errc::invalid_argument: several, which the message names.
base::Result<NamedKind> find_kind(const kube::ApiCatalog& catalog, std::string_view name,
                                  KindsIn groups = KindsIn::one_group);
// The plurals that are spelt most like a name, the nearest first: three at most.
std::vector<std::string_view> nearest_kinds(const kube::ApiCatalog& catalog, std::string_view name);

}  // namespace cluster
