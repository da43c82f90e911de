#include "change/weight.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "kinds/table.h"

namespace change {

namespace {

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

}  // namespace

bool removes_finalizers(const Tried& tried) {
  for (const Change& each : tried.diff.changes)
    if (each.path.starts_with(".metadata.finalizers") && each.kind != Change::Kind::added &&
        each.takes)
      return true;
  return false;
}

Weight weight_of(const Plan& plan, const std::vector<Tried>& tried, bool force) {
  Weight out = plan.weight;
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const bool takes = plan.steps[i].verb == Verb::remove || tried[i].diff.removed > 0 ||
                       (force && !tried[i].diff.empty());
    if (tried[i].exists && takes) out = Weight::destructive;
    if (out == Weight::ordinary && is_costly(plan.steps[i], tried[i])) out = Weight::costly;
  }
  return out;
}

}  // namespace change
