#include "change/halts.h"

#include "kinds/table.h"

namespace change {

using base::json::Value;
using cluster::Part;

void Halts::ask(cluster::Gather& gather, const std::string& ns, const std::string& name) {
  cluster_ = &gather.get("Cluster", {kinds::get("Cluster"), ns, name}, Part::Need::optional);
  release_ =
      &gather.get("HelmRelease", {kinds::get("HelmRelease"), ns, name}, Part::Need::optional);
}

std::string region_text(Value deployment) {
  for (const Value each : deployment["status"]["conditions"].array())
    if (each["type"].str() == "Paused" && each["status"].str() == "True")
      return "Its Region is paused: until that ends KCM does nothing for it.";
  return {};
}

std::string pause_text(Value cluster, Task task) {
  const bool annotated = cluster["metadata"]["annotations"]["cluster.x-k8s.io/paused"].present();
  if (!annotated && !cluster["spec"]["paused"].bool_or(false)) return {};
  return std::string("The Cluster is paused (") +
         (annotated ? "annotation cluster.x-k8s.io/paused" : "spec.paused") +
         (task == Task::deletion
              ? "): until that ends Cluster API deletes nothing, and the deletion waits."
              : "): until that ends Cluster API does nothing for it, and the change has no effect.");
}

std::string suspension_text(Value release, Task task) {
  if (!release["spec"]["suspend"].bool_or(false)) return {};
  return task == Task::deletion
             ? "The HelmRelease is suspended (spec.suspend): Flux lets go of it without uninstalling "
               "anything, so that machines can stay and keep costing. Set spec.suspend to false "
               "first."
             : "The HelmRelease is suspended (spec.suspend): until that ends Flux does nothing for "
               "it, and the change has no effect.";
}

std::vector<std::string> Halts::texts(Value deployment, Task task) const {
  std::vector<std::string> out;
  for (const std::string& each : {region_text(deployment), pause_text(cluster_->object(), task),
                                  suspension_text(release_->object(), task)})
    if (!each.empty()) out.push_back(each);
  return out;
}

}  // namespace change
