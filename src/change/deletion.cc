#include "change/deletion.h"

#include <utility>

#include "base/text.h"
#include "kinds/table.h"

namespace change {

using base::json::Value;

namespace {

constexpr std::size_t kNamesShown = 5;

// What people look for first in a namespace.
constexpr cluster::ListedKind kInNamespace[] = {
    {"pods", "", "v1"},
    {"deployments", "apps", "v1"},
    {"statefulsets", "apps", "v1"},
    {"persistentvolumeclaims", "", "v1"},
    {"services", "", "v1"},
    {"secrets", "", "v1"},
    {"configmaps", "", "v1"},
};
constexpr std::string_view kK0rdentInNamespace[] = {"ClusterDeployment", "Credential",
                                                    "ClusterTemplate", "ServiceTemplate"};

bool uses_credential(Value object, const Step& step) {
  return object["spec"]["credential"].str() == step.name;
}
bool uses_template(Value object, const Step& step) {
  return object["spec"]["template"].str() == step.name;
}
bool has_service_of(Value object, const Step& step) {
  for (const Value each : object["spec"]["serviceSpec"]["services"].array())
    if (each["template"].str() == step.name) return true;
  return false;
}
bool depends_on(Value object, const Step& step) {
  for (const Value each : object["spec"]["dependsOn"].array())
    if (each.str() == step.name) return true;
  return false;
}
bool of_region(Value object, const Step& step) {
  return object["spec"]["region"].str() == step.name;
}
bool region_of_cluster(Value object, const Step& step) {
  const Value ref = object["spec"]["clusterDeployment"];
  return ref["name"].str() == step.name && ref["namespace"].str(step.ns) == step.ns;
}

}  // namespace

// Counts the objects of one list.
class Deletion::Counter final : public cluster::Part::Reader {
 public:
  using Counts = bool (*)(Value object, const Step& step);
  Counter(std::string what, const Step& step, Counts counts)
      : what_(std::move(what)), step_(step), counts_(counts) {}
  void on_object(Value object) override {
    if (counts_ && !counts_(object, step_)) return;
    if (++count_ <= kNamesShown) names_.emplace_back(object["metadata"]["name"].str());
  }
  void on_restart() override {
    count_ = 0;
    names_.clear();
  }
  // Not what comes and goes by itself.
  bool binds() const {
    for (const cluster::ListedKind& each : kInNamespace)
      if (what_ == each.plural) return false;
    return what_ != "machines";
  }
  // "3 clusters: a, b, c"; "": none.
  std::string text() const {
    if (count_ == 0) return {};
    return std::to_string(count_) + " " + what_ + ": " + base::join(names_, ", ") +
           (count_ > names_.size() ? ", …" : "");
  }

 private:
  const std::string what_;
  const Step& step_;
  const Counts counts_;
  std::size_t count_ = 0;
  std::vector<std::string> names_;
};

Deletion::Deletion(cluster::Cluster& cluster, const mcp::Caller& caller, Fn fn)
    : fn_(fn), gather_(cluster, caller, cluster::Gather::Fn::bind<&Deletion::on_gathered>(this)) {}

Deletion::~Deletion() = default;

void Deletion::count(std::string what, cluster::ListQuery query,
                     bool (*counts)(Value object, const Step& step)) {
  if (!counts) query.form = cluster::ListForm::metadata;
  counters_.push_back(std::make_unique<Counter>(what, *step_, counts));
  gather_.list(std::move(what), std::move(query), cluster::Part::Need::optional,
               counters_.back().get());
}

void Deletion::start(const Step& step) {
  step_ = &step;
  base::json::Document doc;
  const auto object = doc.parse(step.before);
  if (object) ask_for(step.kind, *object);
  if (counters_.empty()) fn_();
}

void Deletion::ask_for(std::string_view kind, Value object) {
  const std::string& group = step_->what.resource().group;
  const bool k0rdent = group == kinds::kK0rdent;
  if (group.empty() && kind == "Namespace") {
    say("Deleting a namespace deletes everything in it:");
    for (const cluster::ListedKind& each : kInNamespace)
      count(std::string(each.plural), {each, step_->name});
    for (const std::string_view each : kK0rdentInNamespace)
      count(std::string(each) + "s", {kinds::get(each), step_->name});
  } else if (kind == "CustomResourceDefinition") {
    const Value spec = object["spec"], names = spec["names"];
    kube::Resource resource{std::string(spec["group"].str()),
                            {},
                            std::string(names["plural"].str()),
                            spec["scope"].str() == "Namespaced"};
    for (const Value version : spec["versions"].array())
      if (version["served"].bool_or(false)) resource.version = version["name"].str();
    say("Deleting a CRD deletes every object of its kind, in all namespaces:");
    count(resource.plural, {cluster::Collection(resource), {}});
  } else if (k0rdent && kind == "ClusterDeployment") {
    say("Deleting a ClusterDeployment deletes the cluster with its machines and everything that "
        "runs in it. Volumes and load balancers that its own workloads made at the provider can "
        "stay and keep costing.");
    const std::size_t services = object["spec"]["serviceSpec"]["services"].size();
    if (services > 0) say(std::to_string(services) + " services run in it");
    cluster::ListQuery machines{kinds::get("Machine"), step_->ns};
    machines.label_selector = "cluster.x-k8s.io/cluster-name=" + step_->name;
    count("machines", std::move(machines));
    count("regions on this cluster", {kinds::get("Region"), {}}, region_of_cluster);
  } else if (k0rdent && kind == "Credential") {
    say("Nothing protects a credential that is in use: without it its clusters can neither change "
        "nor be deleted.");
    count("clusters use it", {kinds::get("ClusterDeployment"), step_->ns}, uses_credential);
  } else if (k0rdent && kind == "ClusterTemplate") {
    count("clusters use it", {kinds::get("ClusterDeployment"), step_->ns}, uses_template);
  } else if (k0rdent && kind == "ServiceTemplate") {
    count("clusters have services of it", {kinds::get("ClusterDeployment"), step_->ns},
          has_service_of);
    count("MultiClusterServices have services of it", {kinds::get("MultiClusterService"), {}},
          has_service_of);
  } else if (k0rdent && kind == "MultiClusterService") {
    say(std::to_string(object["spec"]["serviceSpec"]["services"].size()) +
        " services are uninstalled from " +
        std::to_string(object["status"]["matchingClusters"].size()) + " clusters");
    count("MultiClusterServices depend on it, and hold the deletion",
          {kinds::get("MultiClusterService"), {}}, depends_on);
  } else if (k0rdent && kind == "Region") {
    say("Deleting a region takes k0rdent's components from it.");
    count("credentials in this region", {kinds::get("Credential"), {}}, of_region);
  } else if (k0rdent && kind == "Management") {
    say("Deleting the Management uninstalls k0rdent itself.");
    count("clusters are managed", {kinds::get("ClusterDeployment"), {}});
  }
  const Value finalizers = object["metadata"]["finalizers"];
  if (finalizers.size() == 0) return;
  std::string list;
  for (const Value each : finalizers.array())
    list.append(list.empty() ? "" : ", ").append(each.str());
  say("It goes when its finalizers have done their work: " + base::printable(list, 300));
}

void Deletion::on_gathered() {
  for (const std::unique_ptr<Counter>& each : counters_) {
    std::string text = each->text();
    if (text.empty()) continue;
    if (each->binds()) bound_.push_back(text);
    say("  " + text);
  }
  notes_ = gather_.notes();
  fn_();
}

}  // namespace change
