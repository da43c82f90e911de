#include "change/weight_rows.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>

#include "base/json.h"
#include "base/text.h"
#include "change/answer.h"
#include "change/kind_match.h"
#include "kinds/table.h"

namespace change {

namespace {

constexpr std::string_view kCapi = "cluster.x-k8s.io", kIpam = "ipam.cluster.x-k8s.io",
                           kFlux = "toolkit.fluxcd.io", kRbac = "rbac.authorization.k8s.io";
constexpr std::string_view kManaged = "k0rdent.mirantis.com/managed";
constexpr auto kOrdinary = Weight::ordinary, kCostly = Weight::costly,
               kDestructive = Weight::destructive;

constexpr std::string_view kRightsChange = "Rights in this cluster change by {}.";
constexpr std::string_view kNoPod = "No pod of {} will run any more.";
constexpr std::string_view kPaused =
    "Cluster API does nothing for {} while it is paused: no change is made, and no deletion ends.";
constexpr std::string_view kOtherRights =
    "The clusters that depend on {} get other rights at their provider: with wrong ones they can "
    "neither change nor be deleted.";

// The first that matches counts.
constexpr WeightRow kRows[] = {
    {kRbac, "", "", When::always, kCostly, kRightsChange},

    // The control plane of a hosted cluster is pods.
    {kCapi, "K0smotronControlPlane", ".spec.replicas", When::to_zero, kDestructive, kNoPod},
    {kCapi, "K0smotronControlPlane", ".spec.replicas", When::fewer, kDestructive,
     "Pods of {} are deleted: there were {before}, {after} stay."},
    {kCapi, "K0smotronControlPlane", ".spec.replicas", When::present, kCostly, ""},
    {kCapi, "", ".spec.replicas", When::to_zero, kDestructive,
     "All machines of {} are deleted: there were {before}."},
    {kCapi, "", ".spec.replicas", When::fewer, kDestructive,
     "Machines of {} are deleted: there were {before}, {after} stay."},
    {kCapi, "", ".spec.replicas", When::replaced, kCostly,
     "More machines of {} cost more: there were {before}, there will be {after}."},
    {kCapi, "", ".spec.paused", When::on, kCostly, kPaused},
    {kCapi, "", ".spec.paused", When::off, kCostly,
     "Cluster API goes on with {}: changes that wait are made at once."},
    {kCapi, "", ".metadata.annotations.cluster.x-k8s.io/paused", When::always, kCostly, kPaused},
    {kCapi, "*Identity", ".spec", When::present, kCostly, kOtherRights},
    {kCapi, "*Identity", "", When::always, kOrdinary, ""},
    {kCapi, "*Template", "", When::always, kOrdinary, ""},  // makes nothing by itself
    {kIpam, "", "", When::always, kOrdinary, ""},
    {kCapi, "", ".spec", When::always, kCostly,
     "By {} machines can be made or replaced, and they cost money."},

    {kFlux, "", ".spec.suspend", When::on, kCostly,
     "Flux does nothing for {} while it is suspended: no change is made, and its deletion would leave "
     "behind what it installed."},
    {kFlux, "", ".spec.suspend", When::off, kCostly,
     "Flux goes on with {}: changes that wait are made at once."},
    {kFlux, "HelmRelease", ".spec", When::of_kcm, kCostly,
     "{} installs a cluster or a component of k0rdent: machines can be made, replaced or deleted. "
     "KCM sets it back when it next looks at its owner."},

    {kinds::kK0rdent, "Management", "", When::always, kCostly, ""},
    {kinds::kK0rdent, "Region", "", When::always, kCostly, ""},
    {kinds::kK0rdent, "Release", "", When::always, kCostly, ""},
    {kinds::kK0rdent, "AccessManagement", "", When::always, kCostly, ""},
    {kinds::kK0rdent, "ClusterDeployment", "", When::made, kCostly, ""},
    {kinds::kK0rdent, "ClusterDeployment", ".spec.config", When::always, kCostly, ""},
    {kinds::kK0rdent, "ClusterDeployment", ".spec.template", When::always, kCostly, ""},
    {kinds::kK0rdent, "ClusterDeployment", ".spec.credential", When::always, kCostly, ""},
    {kinds::kK0rdent, "ClusterDeployment", ".metadata.labels", When::always, kCostly, ""},
    {kinds::kK0rdent, "MultiClusterService", ".spec.clusterSelector", When::present, kCostly, ""},
    // Another chart in place of a service's.
    {kinds::kK0rdent, "ClusterDeployment", ".spec.serviceSpec.services[*].template", When::replaced,
     kCostly, ""},
    {kinds::kK0rdent, "MultiClusterService", ".spec.serviceSpec.services[*].template",
     When::replaced, kCostly, ""},
    {kinds::kK0rdent, "Credential", ".spec", When::present, kCostly, kOtherRights},
    {kinds::kK0rdent, "StateManagementProvider", ".spec.suspend", When::on, kCostly,
     "The services of all clusters of {} stay as they are while it is suspended."},
    {kinds::kK0rdent, "StateManagementProvider", ".spec", When::present, kCostly,
     "The services of all clusters of {} can change."},

    {"*", "", ".spec.replicas", When::to_zero, kDestructive, kNoPod},
};

bool is_at(std::string_view pattern, std::string_view path) {
  const std::size_t star = pattern.find('*');
  if (star != pattern.npos)
    return path.starts_with(pattern.substr(0, star)) && path.ends_with(pattern.substr(star + 1));
  return path.starts_with(pattern);
}

std::optional<long> number_of(std::string_view text) {
  long out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

bool is_then(When when, const Tried& tried, const Change& change) {
  const bool replaced = change.kind == Change::Kind::changed;
  switch (when) {
    case When::always:
      return true;
    case When::made:
      return !tried.exists;
    case When::present:
    case When::of_kcm:
      return tried.exists;
    case When::replaced:
      return replaced;
    case When::to_zero:
      return replaced && change.after == "0";
    case When::fewer: {
      const auto before = number_of(change.before), after = number_of(change.after);
      return replaced && before && after && *after < *before;
    }
    case When::on:
      return change.after == "true";
    case When::off:
      return tried.exists && change.after != "true";
  }
  return false;
}

}  // namespace

bool WeightRows::is_of_kcm() {
  if (!of_kcm_) {
    base::json::Document doc;
    const auto object = doc.parse(tried_.before);
    of_kcm_ = object && (*object)["metadata"]["labels"][kManaged].str() == "true";
  }
  return *of_kcm_;
}

const WeightRow* WeightRows::of(const Change& change) {
  const std::string& group = step_.what.resource().group;
  const auto* const row =
      std::find_if(std::begin(kRows), std::end(kRows), [&](const WeightRow& each) {
        return is_of_group(each.group, group) && is_of_kind(each.kind, step_.kind) &&
               is_at(each.path, change.path) && is_then(each.when, tried_, change) &&
               (each.when != When::of_kcm || is_of_kcm());
      });
  return row == std::end(kRows) ? nullptr : row;
}

std::string effect_text(const WeightRow& row, const Step& step, const Change& change) {
  std::string out;
  for (std::string_view rest = row.says; !rest.empty();) {
    const std::size_t open = rest.find('{'), close = rest.find('}');
    out += rest.substr(0, open);
    if (open == rest.npos) break;
    const std::string_view name = rest.substr(open + 1, close - open - 1);
    out += name.empty() ? object_text(step) : name == "before" ? change.before : change.after;
    rest.remove_prefix(close + 1);
  }
  return out;
}

}  // namespace change
