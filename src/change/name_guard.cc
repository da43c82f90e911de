#include "change/name_guard.h"

#include <algorithm>

#include "kinds/table.h"

namespace change {

using base::json::Value;

static bool has_components(const Step& step) {
  return step.verb != Verb::remove && step.what.resource().group == kinds::kK0rdent &&
         (step.kind == "Management" || step.kind == "Region");
}

void NameGuard::start(const mcp::Caller& caller, const std::vector<Step>& steps,
                      const std::vector<Tried>& tried) {
  names_.clear();
  base::json::Document doc;
  for (std::size_t i = 0; i < steps.size() && i < tried.size(); ++i) {
    if (!has_components(steps[i])) continue;
    const auto after = doc.parse(tried[i].after);
    if (!after) continue;
    for (const Value each : (*after)["spec"]["providers"].array())
      names_.emplace_back(each["name"].str());
  }
  if (names_.empty()) return fn_({});
  gather_.emplace(cluster_, caller, cluster::Gather::Fn::bind<&NameGuard::on_gathered>(this));
  clusters_ = &gather_->list("cluster deployments",
                             {kinds::get("ClusterDeployment"), cluster_.system_namespace},
                             cluster::Part::Need::noted, nullptr, {10000, 64 * base::limits::kMiB});
}

void NameGuard::on_gathered() {
  if (!clusters_->known())
    return fn_("the names of clusters cannot all be read, and a component must not take one" +
               (clusters_->failure() ? ": " + clusters_->failure_text() : std::string()));
  for (const Value each : clusters_->objects().array()) {
    const std::string name(each["metadata"]["name"].str());
    if (std::find(names_.begin(), names_.end(), name) == names_.end()) continue;
    std::string text = "component \"" + name + "\" would have the name of cluster ";
    text.append(cluster_.system_namespace).append("/").append(name);
    return fn_(text += ", and k0rdent would tear that cluster down: nothing was written");
  }
  fn_({});
}

}  // namespace change
