#include "change/cluster_sort.h"

#include <string_view>

#include "cluster/template_name.h"
#include "kinds/table.h"

namespace change {

using base::json::Value;
using cluster::Part;

void ClusterSort::ask(cluster::Gather& gather, const std::string& ns, Value deployment) {
  const std::string name(deployment["spec"]["template"].str());
  if (!name.empty())
    template_ = &gather.get("ClusterTemplate", {kinds::get("ClusterTemplate"), ns, name},
                            Part::Need::optional);
}

Sort ClusterSort::of(Value deployment, const Halts& halts) const {
  const Value spec = deployment["spec"];
  // It may have become a dry run once a cluster was made.
  if (spec["dryRun"].bool_or(false) && halts.nothing_made()) return Sort::dry_run;
  constexpr std::string_view kInfrastructure = "infrastructure-";
  const Value object = template_ ? template_->object() : Value();
  for (const Value each : object["status"]["providers"].array()) {
    const std::string_view provider = each.str();
    if (!provider.starts_with(kInfrastructure)) continue;
    const std::string_view name = cluster::provider_name(provider.substr(kInfrastructure.size()));
    return name == "adopted" ? Sort::adopted : Sort::made;
  }
  const bool adopted = cluster::provider_in_name(spec["template"].str()) == "adopted";
  return adopted ? Sort::adopted : Sort::made;
}

}  // namespace change
