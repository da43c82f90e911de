#include "deploy/service_changes.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "change/halts.h"
#include "cluster/chosen.h"
#include "deploy/selected_clusters.h"
#include "deploy/service_dependencies.h"
#include "deploy/service_templates.h"
#include "graph/model/selection.h"
#include "kinds/table.h"

namespace deploy {

using base::json::Value;
using base::json::Writer;
using cluster::Part;
using graph::model::is_for_management;

namespace {

using Names = std::vector<std::string>;

constexpr std::size_t kNameBytes = 256;  // shown of each "namespace/name"
// KCM's, where serviceSpec names none.
constexpr std::string_view kProvider = "ksm-projectsveltos";

Value services_of(Value object) {
  return object["spec"]["serviceSpec"]["services"];
}

// Finds, among the services that MultiClusterServices have in one cluster, those that have one of `keys`:
// {"key", "by"}.
class SameElsewhere final : public cluster::Chosen {
 public:
  SameElsewhere(const cluster::Cluster& cluster, std::string name, std::set<std::string> keys)
      : Chosen(cluster), name_(std::move(name)), keys_(std::move(keys)) {}

 private:
  void take(Value object, std::string& out) const override {
    const Value spec = object["spec"];
    const std::string_view by = spec["multiClusterService"].str();
    if (by.empty() || spec["cluster"].str() != name_) return;
    for (const Value each : spec["services"].array()) {
      const std::string key = service_key(each);
      if (!keys_.count(key)) continue;
      Writer w(out);
      w.begin_object().field("key", key).field("by", by).end_object();
      return;
    }
  }
  const std::string name_;
  const std::set<std::string> keys_;
};

std::string provider_text(Value provider) {
  const std::string name =
      "StateManagementProvider " + base::printable(provider["metadata"]["name"].str(), kNameBytes);
  if (provider["spec"]["suspend"].bool_or(false))
    return name +
           " is suspended (spec.suspend): until that ends services stay as they are, and the change "
           "has no effect.";
  if (provider && !provider["status"]["ready"].bool_or(false))
    return name + " is not ready: until it is, services stay as they are.";
  return {};
}

}  // namespace

// One object that changes.
struct ServiceChanges::One {
  bool many = false;  // a MultiClusterService
  std::string ns, name;
  base::json::Document before_doc, after_doc;
  Value before, after;
  std::vector<std::string> removed;  // keys of services
  SelectedClusters selected;
  TemplatesOfClusters templates;
  std::optional<SameElsewhere> same;
  Part* clusters = nullptr;
  Part* provider = nullptr;

  bool leaves_management() const { return is_for_management(before) && !is_for_management(after); }
  // Services stay, and are updated no more.
  bool keeps() const { return after["spec"]["keepServicesOnSelectorMismatch"].bool_or(false); }
  bool all_seen() const { return !many || (clusters->known() && clusters->hidden() == 0); }

  void ask(cluster::Gather& gather);
  void say_clusters(Names& out);
  void say_removed(Names& out);
};

void ServiceChanges::One::ask(cluster::Gather& gather) {
  const std::string_view named = after["spec"]["serviceSpec"]["provider"]["name"].str();
  provider = &gather.get(
      "StateManagementProvider",
      {kinds::get("StateManagementProvider"), {}, std::string(named.empty() ? kProvider : named)},
      Part::Need::optional);
  if (many) {
    selected.select(before["spec"]["clusterSelector"], after["spec"]["clusterSelector"]);
    clusters = &gather.list("cluster deployments", {kinds::get("ClusterDeployment"), {}},
                            Part::Need::silent, &selected);
  } else if (!removed.empty()) {
    same.emplace(gather.cluster(), name, std::set<std::string>(removed.begin(), removed.end()));
    gather.list("service sets", {kinds::get("ServiceSet"), ns}, Part::Need::optional, &*same);
  }
}

void ServiceChanges::One::say_clusters(Names& out) {
  out.push_back("clusters that match now: " + listed(selected.before()));
  out.push_back("clusters that would match: " + listed(selected.after()));
  if (!all_seen())
    out.emplace_back(
        "Not all clusters can be seen: services may be installed in, or uninstalled from, others, "
        "too.");
  for (std::string& each : templates.texts(services_of(after)))
    out.push_back(std::move(each));
  if (const Names gone = selected.gone(); !gone.empty())
    out.push_back((keeps() ? "clusters that keep the services, but get no updates: "
                           : "clusters from which services are uninstalled: ") +
                  listed(gone));
  if (leaves_management())
    out.emplace_back(
        "Its services are uninstalled from the management cluster "
        "(spec.serviceSpec.provider.selfManagement).");
  else if (is_for_management(after) && !is_for_management(before))
    out.emplace_back("Its services are installed in the management cluster, too.");
}

void ServiceChanges::One::say_removed(Names& out) {
  for (const std::string& key : removed) {
    const std::string service = "Service " + base::printable(key, kNameBytes);
    Names by;
    if (same)
      for (const Value each : same->objects().array())
        if (each["key"].str() == key) by.push_back(base::printable(each["by"].str(), kNameBytes));
    if (many)
      out.push_back(service + " is uninstalled from each cluster that it selects" +
                    (is_for_management(before) ? ", and from the management cluster." : "."));
    else if (by.empty())
      out.push_back(service + " is uninstalled from the cluster.");
    else
      out.push_back(service +
                    " is no longer the cluster's own. It stays, or is installed again, as a "
                    "MultiClusterService has one of this name there, too: " +
                    base::join(by, ", "));
  }
}

ServiceChanges::ServiceChanges() = default;
ServiceChanges::~ServiceChanges() = default;

void ServiceChanges::look_at(const change::Step& step, const change::Tried& tried) {
  const bool many = step.kind == "MultiClusterService";
  if (step.what.resource().group != kinds::kK0rdent || step.verb == change::Verb::remove ||
      !(many || step.kind == "ClusterDeployment"))
    return;
  const std::string_view what = many ? ".spec" : ".spec.serviceSpec";
  const auto& changes = tried.diff.changes;
  const bool touched = tried.diff.left_out > 0 ||
                       std::any_of(changes.begin(), changes.end(), [&](const change::Change& each) {
                         return each.path.starts_with(what);
                       });
  auto one = std::make_unique<One>();
  const auto after = one->after_doc.parse(tried.after);
  if (!after) return;
  one->after = *after;
  if (tried.exists) {
    const auto before = one->before_doc.parse(tried.before);
    if (!before) return;
    one->before = *before;
  }
  // k0rdent does nothing more with one that is being deleted.
  if ((*after)["metadata"]["deletionTimestamp"]) return;
  if (tried.exists ? !touched : !many && services_of(*after).size() == 0) return;
  one->many = many;
  one->ns = step.ns;
  one->name = step.name;
  std::set<std::string> stay;
  for (const Value each : services_of(*after).array())
    stay.insert(service_key(each));
  for (const Value each : services_of(one->before).array())
    if (std::string key = service_key(each); !stay.count(key))
      one->removed.push_back(std::move(key));
  all_.push_back(std::move(one));
}

bool ServiceChanges::ask(cluster::Gather& gather, int round) {
  bool more = false;
  for (const auto& each : all_) {
    if (round == 0) {
      each->ask(gather);
      more = true;
    } else if (round == 1 && each->many) {
      more = each->templates.ask(gather, each->selected.after(), gather.cluster().system_namespace,
                                 services_of(each->after)) ||
             more;
    }
  }
  return more;
}

Names ServiceChanges::texts() {
  Names out;
  for (const auto& each : all_) {
    if (each->many) each->say_clusters(out);
    each->say_removed(out);
    const std::string region = each->many ? std::string() : change::region_text(each->after);
    for (const std::string& halt : {region, provider_text(each->provider->object())})
      if (!halt.empty()) out.push_back(halt);
  }
  return out;
}

change::Weight ServiceChanges::weight() const {
  for (const auto& each : all_)
    if (!each->removed.empty() || each->leaves_management() || !each->all_seen() ||
        (each->many && !each->keeps() && !each->selected.gone().empty()))
      return change::Weight::destructive;
  return change::Weight::ordinary;
}

}  // namespace deploy
