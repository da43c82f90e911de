// Presets: RBAC rules made of what the tools and resources declare to ask for (mcp/need.h).
//
//   view                reading tools and resources, without pod logs, and without Secrets
//   view-with-secrets   the same and Secrets, whose values the server masks: with it the graph knows whether
//                       a Secret is there, and objects.get shows which keys it has
//   logs                pod logs
//   operate             view, logs, and the writing tools that take nothing away and write k0rdent's kinds only
//   admin               every tool; objects.apply and the like write any kind, Roles and Secrets, too
//   impersonate         the server's own in OAUTH mode: asks who a token is and acts as that user. Its
//                       holder can act as any user of the cluster: RBAC has no patterns of names
//
// Each also has what every call may ask: discovery and reviews of the caller's own rights. Rules of RBAC add
// up, so that a caller may have several presets.
//
// RBAC knows no "every kind but Secrets". Where a tool takes any kind, the reading presets have the kinds
// of the table (kinds/table.h) and those of Kubernetes' own role `view`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mcp/need.h"
#include "mcp/registry.h"

namespace rbac {

enum class Preset : unsigned char { view, view_with_secrets, logs, operate, admin, impersonate };

// In the order of the table above; find_preset() gives nullopt for another name.
const std::vector<std::string>& preset_names();
std::optional<Preset> find_preset(std::string_view name);
std::string_view name_of(Preset preset);

struct Rule {
  std::vector<std::string> verbs, groups, resources, urls;  // urls: of a rule without groups
};

// `registry`: with everything that the server can offer. Each right is in one rule, in a fixed order.
std::vector<Rule> rules_of(Preset preset, const mcp::Registry& registry);

// What every call may ask besides what its tool declares; an `urls` rule for discovery.
std::vector<Rule> common_rules();

}  // namespace rbac
