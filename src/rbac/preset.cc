#include "rbac/preset.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "base/text.h"
#include "kinds/table.h"

namespace rbac {

namespace {

constexpr std::string_view kNames[] = {"view",  "view-with-secrets", "logs", "operate",
                                       "admin", "impersonate"};

// In the order in which people write them.
constexpr std::string_view kVerbs[] = {"get",    "list",  "watch",  "create",
                                       "update", "patch", "delete", "impersonate"};

struct Resources {
  std::string_view group, names;  // names joined by commas
};
// What Kubernetes' own role `view` lets read, and of its cluster-scoped kinds those that hold no rights.
constexpr Resources kKubernetes[] = {
    {"",
     "configmaps,endpoints,events,limitranges,namespaces,nodes,"
     "persistentvolumeclaims,persistentvolumes,pods,podtemplates,replicationcontrollers,"
     "resourcequotas,serviceaccounts,services"},
    {"apiextensions.k8s.io", "customresourcedefinitions"},
    {"apps", "controllerrevisions,daemonsets,deployments,replicasets,statefulsets"},
    {"autoscaling", "horizontalpodautoscalers"},
    {"batch", "cronjobs,jobs"},
    {"discovery.k8s.io", "endpointslices"},
    {"events.k8s.io", "events"},
    {"networking.k8s.io", "ingressclasses,ingresses,networkpolicies"},
    {"policy", "poddisruptionbudgets"},
    {"scheduling.k8s.io", "priorityclasses"},
    {"storage.k8s.io", "csidrivers,csinodes,storageclasses,volumeattachments"},
};

bool writes(const mcp::Need& need) {
  for (const std::string_view verb : base::split(need.verbs, ','))
    if (verb != "get" && verb != "list" && verb != "watch") return true;
  return false;
}
bool writes_any(const mcp::Needs& needs) {
  return std::any_of(needs.begin(), needs.end(),
                     [](const mcp::Need& each) { return each.any() && writes(each); });
}
bool reads_logs(const mcp::Needs& needs) {
  return std::any_of(needs.begin(), needs.end(),
                     [](const mcp::Need& each) { return each.resource.ends_with("/log"); });
}
bool is_secret(std::string_view group, std::string_view resource) {
  return group.empty() && resource == "secrets";
}

// Verbs by group and resource.
class Rights {
 public:
  explicit Rights(Preset preset) : preset_(preset) {}

  void add(const mcp::Needs& needs) {
    for (const mcp::Need& each : needs) {
      if (each.any() && preset_ != Preset::admin) {
        add_readable(each.verbs);
      } else {
        add(each.verbs, each.group, each.resource);
      }
    }
  }
  std::vector<Rule> rules() const;

 private:
  using Verbs = std::set<std::size_t>;  // places in kVerbs
  using Key = std::pair<std::string, std::string>;

  void add(std::string_view verbs, std::string_view group, std::string_view resource) {
    const bool secrets = preset_ == Preset::view_with_secrets || preset_ == Preset::admin;
    if (!secrets && is_secret(group, resource)) return;
    Verbs& all = rights_[{std::string(group), std::string(resource)}];
    for (const std::string_view verb : base::split(verbs, ','))
      all.insert(static_cast<std::size_t>(std::find(std::begin(kVerbs), std::end(kVerbs), verb) -
                                          std::begin(kVerbs)));
  }
  void add_readable(std::string_view verbs) {
    for (const kinds::Kind& each : kinds::all())
      add(verbs, each.group, each.plural);
    for (const Resources& each : kKubernetes) {
      for (const std::string_view name : base::split(each.names, ','))
        add(verbs, each.group, name);
    }
  }
  // Whether a rule for more has these verbs, too.
  bool covered(const Key& key, const Verbs& verbs) const {
    for (const Key& wider : {Key("*", "*"), Key(key.first, "*")}) {
      const auto at = rights_.find(wider);
      if (wider != key && at != rights_.end() &&
          std::includes(at->second.begin(), at->second.end(), verbs.begin(), verbs.end()))
        return true;
    }
    return false;
  }

  const Preset preset_;
  std::map<Key, Verbs> rights_;
};

std::vector<Rule> Rights::rules() const {
  std::map<std::pair<std::string, Verbs>, std::vector<std::string>> grouped;
  for (const auto& [key, verbs] : rights_) {
    if (!covered(key, verbs)) grouped[{key.first, verbs}].push_back(key.second);
  }
  std::vector<Rule> out;
  for (auto& [key, resources] : grouped) {
    Rule rule{{}, {key.first}, std::move(resources), {}};
    for (const std::size_t verb : key.second)
      rule.verbs.emplace_back(kVerbs[verb]);
    out.push_back(std::move(rule));
  }
  return out;
}

bool has(Preset preset, const mcp::ToolInfo& tool) {
  const bool logs = reads_logs(tool.needs);
  switch (preset) {
    case Preset::view:
    case Preset::view_with_secrets:
      return tool.read_only && !logs;
    case Preset::logs:
      return logs;
    case Preset::operate:
      return tool.read_only || (!tool.destructive && !writes_any(tool.needs));
    case Preset::admin:
      return true;
    case Preset::impersonate:
      return false;
  }
  return false;
}

bool has(Preset preset, const mcp::ResourceInfo& resource) {
  const bool logs = reads_logs(resource.needs);
  switch (preset) {
    case Preset::view:
    case Preset::view_with_secrets:
      return !logs;
    case Preset::logs:
      return logs;
    case Preset::operate:
    case Preset::admin:
      return true;
    case Preset::impersonate:
      return false;
  }
  return false;
}

// RBAC matches userextras/KEY by a whole name or by "*".
std::vector<Rule> impersonation() {
  return {{{"impersonate"}, {""}, {"groups", "serviceaccounts", "users"}, {}},
          {{"impersonate"}, {"authentication.k8s.io"}, {"*"}, {}},
          {{"create"}, {"authentication.k8s.io"}, {"tokenreviews"}, {}}};
}

}  // namespace

const std::vector<std::string>& preset_names() {
  static const std::vector<std::string> all(std::begin(kNames), std::end(kNames));
  return all;
}

std::optional<Preset> find_preset(std::string_view name) {
  const auto* at = std::find(std::begin(kNames), std::end(kNames), name);
  if (at == std::end(kNames)) return std::nullopt;
  return static_cast<Preset>(at - std::begin(kNames));
}

std::string_view name_of(Preset preset) {
  return kNames[static_cast<std::size_t>(preset)];
}

std::vector<Rule> common_rules() {
  return {{{"create"}, {"authentication.k8s.io"}, {"selfsubjectreviews"}, {}},
          {{"create"}, {"authorization.k8s.io"}, {"selfsubjectaccessreviews"}, {}},
          {{"get"}, {}, {}, {"/api", "/api/*", "/apis", "/apis/*", "/version"}}};
}

std::vector<Rule> rules_of(Preset preset, const mcp::Registry& registry) {
  Rights rights(preset);
  registry.each_tool([&](const mcp::Tool& tool) {
    if (has(preset, tool.info())) rights.add(tool.info().needs);
  });
  registry.each_family([&](const mcp::ResourceFamily& family) {
    if (has(preset, family.info())) rights.add(family.info().needs);
  });
  std::vector<Rule> out = rights.rules();
  if (preset == Preset::impersonate) out = impersonation();
  for (Rule& each : common_rules())
    out.push_back(std::move(each));
  return out;
}

}  // namespace rbac
