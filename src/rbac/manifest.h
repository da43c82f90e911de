// The objects of RBAC (rbac.authorization.k8s.io/v1) as JSON.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mcp/registry.h"
#include "rbac/preset.h"

namespace rbac {

// A ClusterRole.
std::string role_json(std::string_view name, const std::vector<Rule>& rules);
// The ClusterRoleBinding of that name that gives the role to a service account.
struct Account {
  std::string_view ns, name;
};
std::string binding_json(std::string_view name, const Account& account);

// What each tool and resource declares: [{"name": …, "kind": "tool", "needs": [{"verbs": […],
// "apiGroups": […], "resources": […]}]}]; apiGroups ["*"] with resources ["*"]: any kind.
std::string needs_json(const mcp::Registry& registry);

}  // namespace rbac
