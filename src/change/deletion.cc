#include "change/deletion.h"

#include <utility>

#include "base/counted.h"
#include "base/text.h"
#include "change/deletion_rows.h"
#include "graph/model/selection.h"
#include "kinds/table.h"

namespace change {

using base::json::Value;

namespace {

constexpr std::size_t kNamesShown = 5;
constexpr std::size_t kNameBytes = 128;  // shown of each

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

bool depends_on(Value object, Value deleted) {
  for (const Value each : object["spec"]["dependsOn"].array())
    if (each.str() == deleted["metadata"]["name"].str()) return true;
  return false;
}
bool region_of_cluster(Value object, Value deleted) {
  const Value ref = object["spec"]["clusterDeployment"], metadata = deleted["metadata"];
  const std::string_view ns = metadata["namespace"].str();
  return ref["name"].str() == metadata["name"].str() && ref["namespace"].str(ns) == ns;
}
bool selects(Value service, Value cluster) {
  return graph::model::is_selected(graph::model::LabelSelector(service["spec"]["clusterSelector"]),
                                   cluster);
}
bool is_selected(Value object, Value deleted) {
  return selects(deleted, object);
}

}  // namespace

// Counts the objects of one list.
class Deletion::Counter final : public cluster::Part::Reader {
 public:
  // `everywhere`: they are in several namespaces.
  Counter(Words words, Value deleted, bool everywhere, Counts counts)
      : words_(std::move(words)), deleted_(deleted), everywhere_(everywhere), counts_(counts) {}
  void on_object(Value object) override {
    if (counts_ && !counts_(object, deleted_)) return;
    if (++count_ > kNamesShown) return;
    const Value metadata = object["metadata"];
    const std::string_view ns = everywhere_ ? metadata["namespace"].str() : "";
    names_.push_back(std::string(ns) + (ns.empty() ? "" : "/") +
                     base::printable(metadata["name"].str(), kNameBytes));
  }
  void on_restart() override {
    count_ = 0;
    names_.clear();
  }
  // Not what comes and goes by itself.
  bool binds() const {
    for (const cluster::ListedKind& each : kInNamespace)
      if (words_.many == each.plural) return false;
    return words_.many != "machines";
  }
  // "3 clusters use it: a, b, c"; "": none.
  std::string text() const {
    if (count_ == 0) return {};
    return base::counted(count_, words_.one, words_.many) + ": " + base::join(names_, ", ") +
           (count_ > names_.size() ? ", …" : "");
  }

 private:
  const Words words_;
  const Value deleted_;
  const bool everywhere_;
  const Counts counts_;
  std::size_t count_ = 0;
  std::vector<std::string> names_;
};

Deletion::Deletion(cluster::Cluster& cluster, const mcp::Caller& caller, Fn fn)
    : fn_(fn), gather_(cluster, caller, cluster::Gather::Fn::bind<&Deletion::on_gathered>(this)) {}

Deletion::~Deletion() = default;

void Deletion::count(Words words, cluster::ListQuery query, Counts counts) {
  if (!counts) query.form = cluster::ListForm::metadata;
  std::string title = words.many;
  counters_.push_back(
      std::make_unique<Counter>(std::move(words), doc_.root(), query.ns.empty(), counts));
  gather_.list(std::move(title), std::move(query), cluster::Part::Need::optional,
               counters_.back().get());
}

void Deletion::start(const Step& step) {
  step_ = &step;
  if (const auto object = doc_.parse(step.before)) {
    ask_for(step.kind, *object);
    std::string list;
    for (const Value each : (*object)["metadata"]["finalizers"].array())
      list.append(list.empty() ? "" : ", ").append(each.str());
    if (!list.empty())
      while_there_.push_back("It goes when its finalizers have done their work: " +
                             base::printable(list, 300));
  }
  if (counters_.empty()) fn_();
}

void Deletion::ask_for(std::string_view kind, Value object) {
  const std::string& group = step_->what.resource().group;
  if (group.empty() && kind == "Namespace") {
    say("Deleting a namespace deletes everything in it:");
    for (const cluster::ListedKind& each : kInNamespace) {
      const std::string plural(each.plural);
      count({plural.substr(0, plural.size() - 1), plural}, {each, step_->name});
    }
    for (const std::string_view each : kK0rdentInNamespace)
      count({std::string(each), std::string(each) + "s"}, {kinds::get(each), step_->name});
  } else if (kind == "CustomResourceDefinition") {
    const Value spec = object["spec"], names = spec["names"];
    kube::Resource resource{std::string(spec["group"].str()),
                            {},
                            std::string(names["plural"].str()),
                            spec["scope"].str() == "Namespaced"};
    for (const Value version : spec["versions"].array())
      if (version["served"].bool_or(false)) resource.version = version["name"].str();
    say("Deleting a CRD deletes every object of its kind, in all namespaces:");
    count({std::string(names["singular"].str(resource.plural)), resource.plural},
          {cluster::Collection(resource), {}});
  } else if (group == kinds::kK0rdent && kind == "ClusterDeployment") {
    ask_for_cluster(object);
  } else if (group == kinds::kK0rdent && kind == "MultiClusterService") {
    ask_for_many(object);
  } else if (const DeletionRow* const row = deletion_row_of(group, kind, object)) {
    ask_for(*row, object);
  }
}

void Deletion::ask_for(const DeletionRow& row, Value object) {
  if (!row.says.empty()) say(std::string(row.says));
  const std::string halt = row.kind == "Cluster"       ? pause_text(object, Task::deletion)
                           : row.kind == "HelmRelease" ? suspension_text(object, Task::deletion)
                                                       : std::string();
  if (!halt.empty()) bind(halt);
  for (const CountRow& each : row.counts) {
    cluster::ListQuery query{kinds::get(each.kind), each.everywhere ? std::string() : step_->ns};
    if (!each.label.empty())
      query.label_selector = std::string(each.label).append("=").append(step_->name);
    count({std::string(each.one), std::string(each.many)}, std::move(query), each.counts);
  }
}

void Deletion::ask_for_cluster(Value object) {
  is_cluster_ = true;
  halts_.ask(gather_, step_->ns, step_->name);
  sort_.ask(gather_, step_->ns, object);
  const std::string credential(object["spec"]["credential"].str());
  if (!credential.empty())
    credential_ = &gather_.get(
        "Credential", {kinds::get("Credential"), step_->ns, credential, cluster::Form::metadata},
        cluster::Part::Need::optional);
  cluster::ListQuery machines{kinds::get("Machine"), step_->ns};
  machines.label_selector = "cluster.x-k8s.io/cluster-name=" + step_->name;
  count({"machine", "machines"}, std::move(machines));
  count({"region is on this cluster, and holds the deletion",
         "regions are on this cluster, and hold the deletion"},
        {kinds::get("Region"), {}}, region_of_cluster);
  count({"MultiClusterService selects it", "MultiClusterServices select it"},
        {kinds::get("MultiClusterService"), {}}, selects);
}

void Deletion::ask_for_many(Value object) {
  const std::size_t services = object["spec"]["serviceSpec"]["services"].size();
  say(base::counted(services, "service is", "services are") +
      " uninstalled from each cluster that it selects" +
      (graph::model::is_for_management(object)
           ? ", and from the management cluster (spec.serviceSpec.provider.selfManagement)."
           : "."));
  count({"cluster", "clusters"}, {kinds::get("ClusterDeployment"), {}}, is_selected);
  count({"MultiClusterService depends on it, and holds the deletion",
         "MultiClusterServices depend on it, and hold the deletion"},
        {kinds::get("MultiClusterService"), {}}, depends_on);
}

void Deletion::say_what_goes() {
  if (!is_cluster_) return;
  const Value object = doc_.root(), spec = object["spec"];
  const bool cleans = spec["cleanupOnDeletion"].bool_or(false);
  const Sort sort = sort_.of(object, halts_);
  if (sort == Sort::dry_run)
    return bind("It is a dry run (spec.dryRun): no cluster was made, and no machine is deleted.");
  if (sort == Sort::adopted) {
    bind(
        "The cluster is an adopted one: k0rdent lets go of it, and uninstalls the services that it "
        "installed there. The cluster itself stays, with its machines and what else runs in it.");
    if (cleans)
      say("Volumes and load balancers of its workloads are deleted first (spec.cleanupOnDeletion).");
  } else {
    say("Deleting a ClusterDeployment deletes the cluster with its machines, its namespaces and "
        "everything that runs in them.");
    say(cleans
            ? "Volumes and load balancers that its own workloads made at the provider are deleted "
              "first (spec.cleanupOnDeletion)."
            : "Volumes and load balancers that its own workloads made at the provider can stay and "
              "keep costing, unless spec.cleanupOnDeletion is set before.");
  }
  const std::size_t services = spec["serviceSpec"]["services"].size();
  if (services > 0)
    while_there_.insert(while_there_.begin(),
                        base::counted(services, "service runs", "services run") + " in it");
}

// What holds the deletion of a cluster, or makes it leave something behind.
void Deletion::say_halts() {
  if (!is_cluster_) return;
  const Value object = doc_.root();
  if (credential_ && credential_->absent())
    bind("Credential " + base::printable(object["spec"]["credential"].str(), kNameBytes) +
         " is not there: without it KCM never ends the deletion. Make it anew first.");
  for (const std::string& each : halts_.texts(object, Task::deletion))
    bind(each);
}

void Deletion::tell(Plan& plan) const {
  plan.consequences.insert(plan.consequences.end(), consequences_.begin(), consequences_.end());
  plan.while_there = while_there_;
  plan.bound = bound_;
  plan.notes.insert(plan.notes.end(), notes_.begin(), notes_.end());
}

void Deletion::on_gathered() {
  say_what_goes();
  say_halts();
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
