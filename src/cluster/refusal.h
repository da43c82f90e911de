// What to tell a caller about a request that failed: what was asked for, the API server's own
// words, and for a 403 the RBAC rule that would allow it.
#pragma once

#include <string>
#include <string_view>

#include "cluster/collection.h"
#include "kube/failure.h"

namespace cluster {

struct Asked {
  std::string_view verb;  // "get", "list"
  const Collection& what;
  std::string_view ns;         // "": all namespaces, or cluster-scoped
  std::string_view name = {};  // "": all
};

// "; the RBAC rule that would allow it, in a ClusterRole: {apiGroups: [k0rdent.mirantis.com], …}", or
// "" when it is no 403 of the API server: no such rule changes our own policy.
std::string rule_text(const Asked& asked, const kube::Failure& failure);
// "; the API server asks to wait 2s", or "" when it does not (429 and 503 with Retry-After).
std::string wait_text(const kube::Failure& failure);
// "get clusterdeployments.k0rdent.mirantis.com team-a/prod: forbidden: …", for a 403 with the rule.
std::string failure_text(const Asked& asked, const kube::Failure& failure);

}  // namespace cluster
