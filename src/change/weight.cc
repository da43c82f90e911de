#include "change/weight.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "change/answer.h"
#include "kinds/table.h"

namespace change {

namespace {

// Roles and bindings: an agent could give itself, or a stranger, what it was not given.
bool changes_rights(const Step& step, const Tried& tried) {
  return step.what.resource().group == "rbac.authorization.k8s.io" && step.verb != Verb::remove &&
         (!tried.exists || !tried.diff.empty());
}

// Whether a step on one of k0rdent's own objects costs money, or changes k0rdent as a whole.
bool is_costly(const Step& step, const Tried& tried) {
  if (step.what.resource().group != kinds::kK0rdent) return false;
  constexpr std::string_view kWhole[] = {"Management", "Region", "Release", "AccessManagement"};
  if (std::find(std::begin(kWhole), std::end(kWhole), step.kind) != std::end(kWhole)) return true;
  const bool cluster = step.kind == "ClusterDeployment", many = step.kind == "MultiClusterService";
  if (cluster && !tried.exists) return true;
  for (const Change& each : tried.diff.changes) {
    const std::string_view path = each.path;
    for (const char* of :
         {".spec.config", ".spec.template", ".spec.credential", ".metadata.labels"})
      if (cluster && path.starts_with(of)) return true;
    if (many && tried.exists && path.starts_with(".spec.clusterSelector")) return true;
    // Another chart in place of a service's.
    const bool service = path.starts_with(".spec.serviceSpec.services[");
    if ((cluster || many) && service && path.ends_with("].template") &&
        each.kind == Change::Kind::changed)
      return true;
  }
  return false;
}

bool stops_all_pods(const Tried& tried) {
  const auto& all = tried.diff.changes;
  return std::any_of(all.begin(), all.end(), [](const Change& each) {
    return each.path == ".spec.replicas" && each.kind == Change::Kind::changed && each.after == "0";
  });
}

// The garbage collector deletes what has an owner that is gone, or never was.
bool gets_an_owner(const Tried& tried) {
  const auto& all = tried.diff.changes;
  return tried.exists && std::any_of(all.begin(), all.end(), [](const Change& each) {
           return each.path.starts_with(".metadata.ownerReferences") &&
                  each.kind != Change::Kind::removed;
         });
}

}  // namespace

std::vector<std::string> effects_of(const Plan& plan, const std::vector<Tried>& tried) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const std::string object = object_text(plan.steps[i]);
    if (stops_all_pods(tried[i])) out.push_back("No pod of " + object + " will run any more.");
    if (changes_rights(plan.steps[i], tried[i]))
      out.push_back("Rights in this cluster change by " + object + ".");
    if (gets_an_owner(tried[i]))
      out.push_back(object + " is deleted with its owner, and at once if that owner is not there.");
  }
  return out;
}

Weight weight_of(const Plan& plan, const std::vector<Tried>& tried, bool force) {
  Weight out = plan.weight;
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const bool takes = plan.steps[i].verb == Verb::remove || tried[i].diff.removed > 0 ||
                       (force && !tried[i].diff.empty());
    if (tried[i].exists && takes) out = Weight::destructive;
    // What is not shown could be anything.
    const bool hidden = tried[i].exists && tried[i].diff.left_out > 0;
    if (hidden || stops_all_pods(tried[i]) || gets_an_owner(tried[i])) out = Weight::destructive;
    const bool costs =
        is_costly(plan.steps[i], tried[i]) || changes_rights(plan.steps[i], tried[i]);
    if (out == Weight::ordinary && costs) out = Weight::costly;
  }
  return out;
}

}  // namespace change
