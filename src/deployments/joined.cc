#include "deployments/joined.h"

#include <utility>

#include "answer/members.h"
#include "deployments/kinds.h"
#include "deployments/rows.h"
#include "deployments/services.h"
#include "kinds/need.h"
#include "kinds/table.h"

namespace deployments {

using base::json::Value;
using cluster::Part;

namespace {

// Chosen objects of one list: an answer names tens of them.
constexpr std::size_t kChosen = 200;
constexpr std::size_t kChosenBytes = 512 * 1024;

// Limit of the reason why an upgrade's template is not valid.
constexpr std::size_t kUpgradeBytes = 200;

// Limit of Kubernetes on a label's value.
constexpr std::size_t kLabelBytes = 63;

constexpr Part::Need kOptional = Part::Need::optional;

std::string label(std::string_view key, std::string_view value) {
  return std::string(key).append("=").append(value);
}

cluster::ListQuery labelled(const cluster::ListedKind& kind, const std::string& ns,
                            std::string selector) {
  cluster::ListQuery query{kind, ns};
  query.label_selector = std::move(selector);
  return query;
}

}  // namespace

// ---- readers

void Chosen::on_object(Value object) {
  if (!fits(object)) return;
  std::string json = object.to_json();
  if (count_ == kChosen || text_.size() + json.size() > kChosenBytes) return (void)(full_ = true);
  if (count_++ > 0) text_ += ',';
  text_ += json;
}

void Chosen::on_restart() {
  text_.clear();
  count_ = 0;
  full_ = false;
}

Value Chosen::objects() {
  if (!std::exchange(parsed_, true)) (void)doc_.parse("[" + text_ + "]");
  return doc_.root();
}

bool OwnServiceSets::fits(Value object) const {
  return object["spec"]["cluster"].str() == deployment;
}

bool NearWarnings::fits(Value object) const {
  const std::string_view name = object["involvedObject"]["name"].str();
  return name.starts_with(deployment) &&
         (name.size() == deployment.size() || name[deployment.size()] == '-');
}

bool StuckMachineSets::fits(Value object) const {
  return creation_failure(object).present();
}

// ---- the steps

Joined::Joined(cluster::Cluster& cluster, mcp::Caller caller, Fn done)
    : caller_(std::move(caller)),
      done_(done),
      gather_(cluster, caller_, cluster::Gather::Fn::bind<&Joined::on_gathered>(this)),
      names_(cluster, cluster::NearestNames::Fn::bind<&Joined::on_names>(this)) {}

void Joined::start(std::string ns, std::string name, Depth depth, bool upgrades) {
  ns_ = std::move(ns);
  name_ = std::move(name);
  depth_ = depth;
  with_upgrades_ = upgrades;
  deployment_ =
      &gather_.get("ClusterDeployment", {kinds::get("ClusterDeployment"), ns_, name_}, kOptional);
}

void Joined::on_gathered() {
  switch (step_) {
    case Step::deployment:
      return on_deployment();
    case Step::named:
      if (capi()) return read_behind();
      if (!sveltos() || depth_ == Depth::own) return done_();
      step_ = Step::machines;
      return read_summaries(name_);
    case Step::behind:
      step_ = Step::machines;
      if (read_machine_parts()) return;
      return done_();
    case Step::machines:
      for (const Part* each : machine_gets_) {
        if (const Value part = object(each)) machine_parts_.push_back(part);
      }
      return done_();
  }
}

void Joined::on_deployment() {
  if (!deployment_->failure()) return read_named();
  if (deployment_->absent())
    return names_.start(caller_, cluster::Collection(kinds::get("ClusterDeployment")), ns_, name_);
  error_.emplace(deployment_->failure()->code, deployment_->failure_text());
  done_();
}

void Joined::on_names(const std::vector<std::string>& names) {
  error_.emplace(base::Errc::not_found, "there is no ClusterDeployment " + ns_ + "/" + name_ +
                                            cluster::nearest_text(names));
  done_();
}

void Joined::read_named() {
  step_ = Step::named;
  const Value spec = deployment()["spec"];
  const std::string of_template(spec["template"].str()), credential(spec["credential"].str());
  if (!of_template.empty())
    template_ = &gather_.get("template", {kinds::get("ClusterTemplate"), ns_, of_template});
  if (!credential.empty())
    credential_ = &gather_.get("Credential", {kinds::get("Credential"), ns_, credential});
  if (with_upgrades_) read_upgrades();
  if (depth_ == Depth::all) {
    release_ = &gather_.get("HelmRelease", {kinds::get("HelmRelease"), ns_, name_}, kOptional);
    provider_ = &gather_.get("StateManagementProvider",
                             {kinds::get("StateManagementProvider"), "",
                              std::string(provider_of_services(deployment()))},
                             kOptional);
    service_sets_.deployment = warnings_.deployment = name_;
    gather_.list("ServiceSets", {kinds::get("ServiceSet"), ns_}, kOptional, &service_sets_);
    cluster::ListQuery events{kinds::get("Event"), ns_};
    events.field_selector = "type=Warning";
    gather_.list("events", std::move(events), Part::Need::noted, &warnings_);
    if (const std::string claim(spec["ipamClaim"]["ref"].str()); !claim.empty())
      claim_ = &gather_.get("ClusterIPAMClaim", {kinds::get("ClusterIPAMClaim"), ns_, claim});
    read_clusters();
  } else if (provider_of(deployment()) == "adopted" && region().empty()) {
    sveltos_ =
        &gather_.get("SveltosCluster", {kinds::get("SveltosCluster"), ns_, name_}, kOptional);
  } else if (of_template.empty() && credential.empty() && upgrades_.empty()) {
    done_();
  }
}

void Joined::read_upgrades() {
  for (const Value each : deployment()["status"]["availableUpgrades"].array()) {
    if (upgrades_.size() == kUpgradesRead) return;
    upgrades_.push_back(&gather_.get("template of an upgrade",
                                     {kinds::get("ClusterTemplate"), ns_, std::string(each.str())},
                                     Part::Need::silent));
  }
}

std::string Joined::upgrade_problem(std::size_t place) const {
  const Part* part = place < upgrades_.size() ? upgrades_[place] : nullptr;
  if (!part) return {};
  if (part->absent()) return "there is no such template";
  const Value status = part->object()["status"];
  if (!part->object() || status["valid"].bool_or(false)) return {};
  const std::string why = answer::cut_text(status["validationError"].str(), kUpgradeBytes);
  return "not valid" + (why.empty() ? "" : ": " + why);
}

void Joined::read_clusters() {
  if (!region().empty()) {
    region_ = &gather_.get("Region", {kinds::get("Region"), "", std::string(region())});
    return;
  }
  if (name_.size() <= kLabelBytes) {
    clusters_ = &gather_.list(
        "Cluster",
        labelled(kinds::get("Cluster"), ns_, label("helm.toolkit.fluxcd.io/name", name_)),
        kOptional);
  }
  sveltos_ = &gather_.get("SveltosCluster", {kinds::get("SveltosCluster"), ns_, name_}, kOptional);
}

void Joined::read_summaries(const std::string& cluster) {
  summaries_ = &gather_.list(
      "ClusterSummaries",
      labelled(kinds::get("ClusterSummary"), ns_, label("projectsveltos.io/cluster-name", cluster)),
      kOptional);
}

bool Joined::read_machine_parts() {
  for (const Machines::Troubled& each : machines_.troubled()) {
    if (machine_gets_.size() == kMachineParts) break;
    base::json::Document doc;
    const auto reference = doc.parse(each.reference);
    if (!reference || (*reference)["kind"].str().empty()) continue;
    const std::string name((*reference)["name"].str());
    if (name.empty()) continue;
    const std::string what = std::string((*reference)["kind"].str()) + " of Machine " + each.name;
    machine_gets_.push_back(&gather_.get(what, {collection_of(*reference), ns_, name}));
  }
  return !machine_gets_.empty();
}

void Joined::read_behind() {
  step_ = Step::behind;
  const Value cluster = capi(), spec = cluster["spec"];
  const std::string own(cluster["metadata"]["name"].str());
  const auto follow = [&](const char* what, Value reference) -> Part* {
    const std::string name(reference["name"].str());
    if (name.empty() || reference["kind"].str().empty()) return nullptr;
    return &gather_.get(what, {collection_of(reference), ns_, name});
  };
  control_plane_ = follow("control plane", spec["controlPlaneRef"]);
  infrastructure_ = follow("infrastructure", spec["infrastructureRef"]);
  const std::string of_cluster = label("cluster.x-k8s.io/cluster-name", own);
  machine_deployments_ = &gather_.list("MachineDeployments",
                                       labelled(kinds::get("MachineDeployment"), ns_, of_cluster));
  machine_pools_ = &gather_.list("MachinePools",
                                 labelled(kinds::get("MachinePool"), ns_, of_cluster), kOptional);
  machines_part_ = &gather_.list("Machines", labelled(kinds::get("Machine"), ns_, of_cluster),
                                 Part::Need::noted, &machines_);
  gather_.list("MachineSets", labelled(kinds::get("MachineSet"), ns_, of_cluster), kOptional,
               &stuck_sets_);
  read_summaries(own);
}

Value Joined::capi() const {
  return clusters_ ? clusters_->objects().at(0) : Value();
}

// A Cluster and a SveltosCluster may have one name.
std::vector<Value> Joined::summaries() const {
  const std::string_view type = capi() ? "Capi" : "Sveltos";
  std::vector<Value> out;
  for (const Value each : objects(summaries_).array()) {
    if (each["spec"]["clusterType"].str(type) == type) out.push_back(each);
  }
  return out;
}

// What is not served has no objects, and what may not be seen never will be.
static bool is_unread(const Part* part) {
  const kube::Failure* failure = part ? part->failure() : nullptr;
  return failure && !part->absent() && failure->code != base::Errc::not_found &&
         failure->code != base::Errc::forbidden;
}

Seen Joined::seen() {
  std::string unread;
  const std::pair<const Part*, const char*> parts[] = {{clusters_, "Cluster"},
                                                       {release_, "HelmRelease"},
                                                       {sveltos_, "SveltosCluster"},
                                                       {provider_, "StateManagementProvider"}};
  for (const auto& [part, kind] : parts) {
    if (is_unread(part)) unread.append(unread.empty() ? "" : ", ").append(kind);
  }
  return {.deployment = deployment(),
          .release = release(),
          .cluster = capi(),
          .sveltos = sveltos(),
          .service_sets = service_sets(),
          .provider = provider(),
          .control_plane = control_plane(),
          .infrastructure = infrastructure(),
          .machine_deployments = machine_deployments(),
          .credential = credential(),
          .credential_absent = credential_absent(),
          .cluster_known = capi_known(),
          .sveltos_known = sveltos_known(),
          .unread = std::move(unread)};
}

std::vector<std::string> Joined::notes() const {
  std::vector<std::string> out = gather_.notes();
  if (depth_ == Depth::all && !region().empty()) {
    out.push_back("its Cluster API and Sveltos objects are in the cluster of Region " +
                  std::string(region()) + ", which is not read");
  }
  if (depth_ == Depth::all && region().empty() && name_.size() > kLabelBytes) {
    out.push_back("its name is longer than a label's " + std::to_string(kLabelBytes) +
                  " bytes: its Cluster cannot be found by the label that Flux writes, and is not "
                  "read");
  }
  if (warnings_.full()) out.emplace_back("events: there are more warnings than were read");
  return out;
}

mcp::Needs joined_needs(Joined::Depth depth) {
  // A wrong name is answered with the nearest ones.
  mcp::Needs out = kinds::need("get,list", {"ClusterDeployment"}) +
                   kinds::need("get", {"ClusterTemplate", "Credential"});
  if (depth == Joined::Depth::own) return out;
  out = std::move(out) +
        kinds::need("get", {"HelmRelease", "SveltosCluster", "StateManagementProvider", "Region",
                            "ClusterIPAMClaim"}) +
        kinds::need("list", {"ServiceSet", "Event", "Cluster", "MachineDeployment", "MachinePool",
                             "Machine", "MachineSet", "ClusterSummary"});
  // The Cluster's references name their kinds: each provider has its own.
  return std::move(out) + mcp::Needs{{"get", "controlplane.cluster.x-k8s.io", "*"},
                                     {"get", "infrastructure.cluster.x-k8s.io", "*"}};
}

}  // namespace deployments
