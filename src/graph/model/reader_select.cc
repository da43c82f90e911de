// Reader's selectors: what an object states about others by their labels, or by what they
// offer.
#include <string>

#include "graph/model/path.h"
#include "graph/model/reader.h"

namespace graph::model {

using base::json::Value;

namespace {

constexpr std::string_view kBackupLabel = "k0rdent.mirantis.com/management-backup",
                           kRegionLabel = "k0rdent.mirantis.com/region";

// What a Management or a Region offers is kept as a label of our own: no label's key has a colon.
std::string provider_label(std::string_view provider) {
  return std::string("provider:").append(provider);
}

// {selector} or {stringSelector}; neither: everything.
LabelSelector selector_in(Value rule) {
  if (const Value text = rule["stringSelector"]) return LabelSelector::parse(text.str());
  return LabelSelector(rule["selector"]);
}

// Kinds that are meant even without an apiGroup.
bool is_distributed(std::string_view kind) {
  return kind == "ClusterTemplateChain" || kind == "ServiceTemplateChain" || kind == "Credential" ||
         kind == "ClusterAuthentication" || kind == "DataSource" || kind == "ClusterAuditPolicy";
}

}  // namespace

void Reader::add_selections(Object& to, Value object) {
  const std::string& type = kind(to).type;
  const Value spec = object["spec"];
  if (type == "MultiClusterService") {
    const LabelSelector selector(spec["clusterSelector"]);
    // Unlike other selectors of Kubernetes, an empty clusterSelector selects nothing.
    if (!selector.empty())
      select(to, "selects", kinds_.find("ClusterDeployment"), selector, ".spec.clusterSelector");
  } else if (type == "StateManagementProvider") {
    if (const Value selector = spec["selector"])
      select(to, "handles", kinds_.find("ServiceSet"), LabelSelector(selector), ".spec.selector");
  } else if (type == "ManagementBackup") {
    LabelSelector selector = LabelSelector::parse(std::string(kBackupLabel) + "=" + to.ref.name);
    select(to, "backup", kinds_.find("Backup"), std::move(selector),
           "label " + std::string(kBackupLabel));
    to.selections.back().ns = system_;
  } else if (type == "AccessManagement") {
    add_distributed(to, object);
  } else if (type == "ClusterTemplate") {
    LabelSelector needs;
    for (Value provider : object["status"]["providers"].array())
      needs.require(provider_label(provider.str()));
    for (const std::string_view place : {"Management", "Region"}) {
      if (!needs.empty())
        select(to, "needs-provider", kinds_.find(place), needs, ".status.providers");
    }
  } else if (type == "Management" || type == "Region") {
    for (Value provider : object["status"]["availableProviders"].array())
      to.labels.add(provider_label(provider.str()), {});
    if (type == "Management") return;
    select(to, "component-release", kinds_.find("HelmRelease"),
           LabelSelector::parse(std::string(kRegionLabel) + "=" + to.ref.name),
           "label " + std::string(kRegionLabel));
    to.selections.back().ns = system_;
  }
}

void Reader::add_distributed(Object& to, Value object) {
  for (const PathHit& rule : walk_path(object, ".spec.accessRules[]")) {
    const Value into = rule.value["targetNamespaces"];
    if (into["list"].size() == 0)
      select(to, "into", kinds_.find("Namespace"), selector_in(into),
             rule.path + ".targetNamespaces");
  }
  for (const PathHit& rule : walk_path(object, ".spec.accessRules[].resources[]")) {
    const std::string_view name = rule.value["kind"].str();
    const std::string_view group = rule.value["apiGroup"] ? rule.value["apiGroup"].str()
                                   : is_distributed(name) ? "k0rdent.mirantis.com"
                                                          : "";
    const KindId id = kinds_.add(group, {}, name, true);
    if (id == kNoKind || !kinds_[id].namespaced) continue;
    const auto names = walk_path(rule.value, ".names[]");
    for (const PathHit& hit : names)
      add(to, "distributes", {id, system_, std::string(hit.value.str())}, rule.path + hit.path);
    if (!names.empty()) continue;
    select(to, "distributes", id, selector_in(rule.value), rule.path);
    to.selections.back().ns = system_;
  }
}

void Reader::select(Object& to, std::string_view edge, KindId kind, LabelSelector selector,
                    std::string path) const {
  to.selections.push_back({edge_type(edge), kind, {}, std::move(selector), std::move(path)});
}

}  // namespace graph::model
