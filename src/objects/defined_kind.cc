#include "objects/defined_kind.h"

#include <initializer_list>
#include <string>

#include "base/json.h"
#include "base/names.h"

namespace objects {

using base::json::Value;

static std::string joined(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const std::string_view each : parts)
    out.append(each);
  return out;
}

std::optional<cluster::NamedKind> defined_kind(const std::vector<ManifestObject>& objects,
                                               std::string_view kind) {
  base::json::Document doc;
  for (const ManifestObject& each : objects) {
    if (each.kind != kDefinition) continue;
    const auto definition = doc.parse(each.json);
    if (!definition) continue;
    const Value spec = (*definition)["spec"], names = spec["names"];
    const std::string group(spec["group"].str()), plural(names["plural"].str());
    // They become parts of a path before the API server has looked at them.
    if (!base::is_dns_subdomain(group) || !base::is_dns_label(plural)) continue;
    if (each.name != joined({plural, ".", group})) continue;
    for (const Value version : spec["versions"].array()) {
      const std::string name(version["name"].str());
      if (!version["served"].bool_or(false) || !base::is_dns_label(name)) continue;
      if (kind != joined({group, "/", name, "/", names["kind"].str()})) continue;
      return cluster::NamedKind{group,
                                name,
                                {.plural = plural,
                                 .kind = std::string(names["kind"].str()),
                                 .namespaced = spec["scope"].str() != "Cluster",
                                 .verbs = {"patch"}}};
    }
  }
  return {};
}

}  // namespace objects
