#include "deploy/template_parts.h"

#include "kinds/table.h"

namespace deploy {

using cluster::Part;

bool TemplateParts::ask(cluster::Gather& gather, const std::string& ns, std::string_view name,
                        int round) {
  if (round == 0) {
    map_ = nullptr;
    template_ =
        &gather.get("cluster template", {kinds::get("ClusterTemplate"), ns, std::string(name)},
                    Part::Need::optional);
    return true;
  }
  const std::string_view map = object()["status"]["schemaConfigMapName"].str();
  if (round > 1 || map.empty()) return false;
  map_ = &gather.get("the chart's schema", {kinds::get("ConfigMap"), ns, std::string(map)},
                     Part::Need::optional);
  return true;
}

base::json::Value TemplateParts::schema() {
  const std::string_view text = map_ ? map_->object()["data"]["schema"].str() : "";
  const auto parsed = doc_.parse(text);
  return !text.empty() && parsed ? *parsed : base::json::Value();
}

}  // namespace deploy
