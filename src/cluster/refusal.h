// What to tell a caller about a request that failed: what was asked for, the API server's own
// words, and for a 403 the RBAC rule that would allow it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cluster/collection.h"
#include "kube/failure.h"

namespace cluster {

struct Asked {
  std::string_view verb;  // "get", "list"
  const Collection& what;
  std::string_view ns;         // "": all namespaces, or cluster-scoped
  std::string_view name = {};  // "": all
};

// A 403 of the API server, and not of our own policy.
bool is_refused(const kube::Failure& failure);
// "; the RBAC rule that would allow it, in a ClusterRole: {apiGroups: [k0rdent.mirantis.com], …}", or
// "" when it is not refused: no such rule changes our own policy.
std::string rule_text(const Asked& asked, const kube::Failure& failure);
// The rules that would allow several such requests, one a scope and verb: "the RBAC rule that would
// allow it, in a Role of namespace a: {apiGroups: [k0rdent.mirantis.com, ""], resources:
// [servicesets, events], verbs: [list]}".
std::vector<std::string> rule_texts(const std::vector<Asked>& refused);
// "; the API server asks to wait 2s", or "" when it does not (429 and 503 with Retry-After).
std::string wait_text(const kube::Failure& failure);
// "get clusterdeployments.k0rdent.mirantis.com team-a/prod: forbidden: …", for a 403 with the rule.
std::string failure_text(const Asked& asked, const kube::Failure& failure);

}  // namespace cluster
