// k0rdent-mcp rbac.
#include <utility>

#include "app/offered.h"
#include "app/offline.h"
#include "base/json.h"
#include "base/text.h"
#include "base/yaml_write.h"
#include "rbac/manifest.h"
#include "rbac/preset.h"

namespace app {
namespace {

constexpr std::string_view kUsage =
    "usage: k0rdent-mcp rbac PRESET [flags]\n"
    "       k0rdent-mcp rbac needs [-o FORMAT]\n\n"
    "Prints a ClusterRole for a user or service account that uses this server's tools, or for the server\n"
    "itself: the rules are what the tools declare to ask the API server for. Presets add up.\n\n"
    "  view               what reading tools and resources ask for; no pod logs, no Secrets\n"
    "  view-with-secrets  the same and Secrets, whose values the server masks\n"
    "  logs               pod logs\n"
    "  operate            view, logs, and the writing tools that take nothing away and write k0rdent's kinds\n"
    "  admin              every tool, which can write any kind\n"
    "  impersonate        for the server's own service account in OAUTH mode; it can act as any user\n"
    "  needs              what each tool and resource asks for, one by one\n\n";

std::string to_yaml(const std::string& json) {
  base::json::Document doc;
  const auto root = doc.parse(json);
  std::string out;
  if (root) base::yaml::append_yaml(out, *root);
  return out;
}

std::string pretty(const std::string& json) {
  base::json::Document doc;
  const auto root = doc.parse(json);
  return root ? root->to_json() + "\n" : std::string();
}

std::string role_and_binding(const std::string& role, const std::string& binding, bool yaml) {
  if (yaml) return to_yaml(role) + (binding.empty() ? "" : "---\n" + to_yaml(binding));
  if (binding.empty()) return pretty(role);
  return pretty(R"({"apiVersion":"v1","kind":"List","items":[)" + role + "," + binding + "]}");
}

struct Split {
  std::string_view ns, name;
};
// Both empty: it is not NAMESPACE/NAME.
Split split_account(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == text.npos || slash == 0 || slash + 1 == text.size() ||
      text.find('/', slash + 1) != text.npos)
    return {};
  return {text.substr(0, slash), text.substr(slash + 1)};
}

}  // namespace

Printed run_rbac(const std::vector<std::string>& args) {
  const std::string usage = std::string(kUsage) + flags_text("rbac");
  if (args.empty()) return {2, {}, usage};
  for (const std::string& each : args)
    if (each == "--help" || each == "-h" || each == "-help") return {0, usage, {}};
  const Words words = read_words("rbac", args);
  if (!words.problem.empty()) return wrong(words.problem);
  if (words.plain.size() != 1) return {2, {}, usage};
  const std::string format = words.flag("output");
  if (!format.empty() && format != "yaml" && format != "json")
    return wrong("--output must be yaml or json, got " + base::printable(format, 64));
  const bool yaml = format != "json";
  const Offered offered;
  const std::string& wanted = words.plain[0];
  if (wanted == "needs") {
    const std::string json = rbac::needs_json(offered.registry());
    return {0, yaml ? to_yaml(json) : pretty(json), {}};
  }
  const auto preset = rbac::find_preset(wanted);
  if (!preset)
    return wrong("no preset " + base::printable(wanted, 64) +
                 "; there are: " + base::join(rbac::preset_names(), ", ") + ", and needs");
  const std::string name = words.has("name") ? words.flag("name") : "k0rdent-mcp-" + wanted;
  std::string binding;
  if (words.has("service-account")) {
    const std::string account = words.flag("service-account");
    const Split split = split_account(account);
    if (split.name.empty()) return wrong("--service-account must be NAMESPACE/NAME");
    binding = rbac::binding_json(name, {split.ns, split.name});
  }
  const auto rules = rbac::rules_of(*preset, offered.registry());
  return {0, role_and_binding(rbac::role_json(name, rules), binding, yaml), {}};
}

}  // namespace app
