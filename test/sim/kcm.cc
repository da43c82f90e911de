#include "sim/kcm.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "sim/managers.h"
#include "sim/write_job.h"

namespace sim {
namespace {

using base::json::Document;
using base::json::Value;
using base::json::Writer;

constexpr const char* kFinalizer = "k0rdent.mirantis.com/cluster-deployment";
constexpr const char* kManager = "kcm-controller-manager";
constexpr int kLastStep = 5;

void define(Store& store, const char* group, const char* version, const char* kind) {
  Type type{group, version, plural_of(kind), kind};
  type.custom = true;
  store.define(type);
}

}  // namespace

struct Kcm::Deployment {
  std::string ns, name, key, uid;
  Value object;
  std::int64_t generation = 1;
  Document doc = {};

  std::string_view spec(std::string_view member) const { return object["spec"][member].str(); }
  Value wanted() const { return object["spec"]["serviceSpec"]["services"]; }
  // metadata of an object that it owns, with its name.
  std::string owned(const char* labels) const {
    return R"("metadata":{"name":")" + name + R"(","namespace":")" + ns + R"(","labels":{)" +
           labels + R"(},"ownerReferences":[{"apiVersion":"k0rdent.mirantis.com/v1beta1",)" +
           R"("kind":"ClusterDeployment","name":")" + name + R"(","uid":")" + uid + R"("}]})";
  }
};

Kcm::Kcm(loop::Loop& loop, ApiServer& api, Cluster& cluster)
    : loop_(loop),
      api_(api),
      cluster_(cluster),
      timer_(loop, "stand-in controller", loop::Timer::Fn::bind<&Kcm::on_step>(this)) {
  for (const char* kind : {"ClusterDeployment", "ClusterTemplate", "ClusterTemplateChain",
                           "Credential", "ServiceSet", "ServiceTemplate", "ServiceTemplateChain"})
    define(api.store(), "k0rdent.mirantis.com", "v1beta1", kind);
  define(api.store(), "helm.toolkit.fluxcd.io", "v2", "HelmRelease");
  define(api.store(), "cluster.x-k8s.io", "v1beta2", "Cluster");
}

void Kcm::start(base::Duration step) {
  step_ = step;
  api_.on_stored(base::Delegate<void(const Change&)>::bind<&Kcm::on_stored>(this));
}

void Kcm::hold(std::string condition, std::string message) {
  hold_ = std::move(condition);
  hold_message_ = std::move(message);
}

void Kcm::let_go() {
  hold_.clear();
  wake();
}

bool Kcm::idle() const {
  return std::none_of(works_.begin(), works_.end(),
                      [](const auto& one) { return one.second.active && !one.second.blocked; });
}

// What was blocked looks again.
void Kcm::wake() {
  for (auto& [key, work] : works_)
    work.blocked = false;
  if (!idle() && !timer_.armed()) timer_.arm(step_);
}

void Kcm::on_stored(const Change& change) {
  const std::string& kind = change.collection->type().kind;
  if (kind == "Credential" || kind == "ClusterTemplate") return wake();
  if (kind != "ClusterDeployment") return;
  if (change.kind == ChangeKind::deleted) {
    works_.erase(change.key);
    return;
  }
  Document doc;
  const Value metadata = (*doc.parse("{" + std::string(change.now.text[0].view())))["metadata"];
  const std::int64_t generation = metadata["generation"].int_or(1);
  const bool deleting = metadata["deletionTimestamp"].present();
  const auto known = works_.find(change.key);
  if (known != works_.end() && known->second.generation == generation &&
      known->second.deleting == deleting) {
    return;
  }
  // A change of metadata alone of an object that was there before.
  if (known == works_.end() && change.kind == ChangeKind::modified && !deleting) {
    Document past;
    const Value before = *past.parse("{" + std::string(change.before.text[0].view()));
    if (before["metadata"]["generation"].int_or(1) == generation) return;
  }
  Work work;
  work.ns = metadata["namespace"].str();
  work.name = metadata["name"].str();
  work.generation = generation;
  work.deleting = deleting;
  works_[change.key] = work;
  if (!timer_.armed()) timer_.arm(step_);
}

void Kcm::on_step() {
  std::vector<std::string> keys;
  for (const auto& [key, work] : works_)
    if (work.active && !work.blocked) keys.push_back(key);
  for (const std::string& key : keys)
    if (const auto work = works_.find(key); work != works_.end()) {
      Work now = work->second;
      advance(now);
      // What it wrote may have changed the list.
      const auto after = works_.find(key);
      if (after == works_.end() || after->second.generation != now.generation) continue;
      if (after->second.deleting == now.deleting) after->second = now;
    }
  if (!idle() && !timer_.armed()) timer_.arm(step_);
}

void Kcm::advance(Work& work) {
  Deployment is{work.ns, work.name, key_of(work.ns, work.name), {}, {}};
  const Object* object = find("ClusterDeployment", is.key);
  if (!object) {
    work.active = false;
    return;
  }
  is.uid = object->uid;
  is.object = *is.doc.parse("{" + std::string(object->text[0].view()));
  is.generation = is.object["metadata"]["generation"].int_or(1);
  work.deleting ? take_down(work, is) : build(work, is);
}

// A write by k0rdent: a merge patch, of status or of all but status.
void Kcm::edit(View view, const std::string& key, std::string_view patch, bool status) {
  const Object* old = api_.store().get(view, key);
  if (!old) return;
  Document before_doc, patch_doc, next_doc, whole_doc;
  const Value before = *before_doc.parse("{" + std::string(view.text(*old).view()));
  const Value next = *next_doc.parse(merged(before, *patch_doc.parse(patch)));
  if (same_json(before, next)) return;
  Writing by;
  by.who = {kManager, "Update", view.type().api_version(), status ? "status" : "",
            api_.store().now()};
  by.with_status = status;
  const Managers managers = after_update(managers_of(before), by, before, next);
  api_.store().put(view, *whole_doc.parse(with_managers(next, managers)));
}

void Kcm::set_status(const Deployment& is, Conditions conditions, std::string more) {
  conditions.set_ready();
  if (!more.empty()) more += ",";
  edit(view("ClusterDeployment"), is.key,
       R"({"status":{)" + more + R"("observedGeneration":)" + std::to_string(is.generation) +
           R"(,"conditions":)" + conditions.json() + "}}",
       true);
}

void Kcm::emit(const Deployment& is, const char* reason, const std::string& message) {
  EventSpec event;
  event.ns = is.ns;
  event.object = is.name;
  event.reason = reason;
  event.message = message;
  cluster_.emit(event);
}

// Whether what it refers to is there and ready.
bool Kcm::check(Work& work, const Deployment& is, Conditions& conditions) {
  const auto ready = [&](const char* kind, std::string_view name, const char* member) {
    const Object* object = find(kind, key_of(is.ns, name));
    if (!object) return std::string("not found");
    Document doc;
    const Value status = (*doc.parse("{" + std::string(object->text[0].view())))["status"];
    return std::string(status[member].bool_or(false) ? "" : "not ready");
  };
  const std::string credential = is.ns + "/" + std::string(is.spec("credential"));
  const std::string missing = ready("Credential", is.spec("credential"), "ready");
  const std::string text = missing == "not found"
                               ? "failed to get Credential " + credential + ": not found"
                               : "the Credential " + credential + " is not ready";
  conditions.set("CredentialReady", missing.empty() ? "True" : "False",
                 missing.empty() ? "Succeeded" : "Failed", missing.empty() ? "" : text);
  std::string wrong;
  if (!work.deleting) {
    const std::string invalid = ready("ClusterTemplate", is.spec("template"), "valid");
    if (!invalid.empty())
      wrong = "ClusterTemplate " + std::string(is.spec("template")) + " is " + invalid;
    conditions.set("TemplateReady", wrong.empty() ? "True" : "False",
                   wrong.empty() ? "Succeeded" : "Failed", wrong);
    if (wrong.empty()) {
      wrong = held("HelmChartReady") ? hold_message_ : "";
      conditions.set("HelmChartReady", wrong.empty() ? "True" : "False",
                     wrong.empty() ? "Succeeded" : "Failed", wrong);
    }
  }
  work.blocked = !missing.empty() || !wrong.empty();
  return !work.blocked;
}

std::string Kcm::upgrades(const Deployment& is) const {
  std::vector<std::string> names;
  for (const auto& [key, chain] : api_.store().of("ClusterTemplateChain").objects) {
    if (!key.starts_with(is.ns + "/")) continue;
    Document doc;
    const Value spec = (*doc.parse("{" + std::string(chain.text[0].view())))["spec"];
    for (const Value one : spec["supportedTemplates"].array()) {
      if (one["name"].str() != is.spec("template")) continue;
      for (const Value next : one["availableUpgrades"].array())
        names.emplace_back(next["name"].str());
    }
  }
  std::string out = R"("availableUpgrades":[)";
  for (const std::string& name : names)
    out += (&name == &names.front() ? "\"" : ",\"") + name + "\"";
  return out + "]";
}

void Kcm::release(const Deployment& is, bool ready) {
  const bool fresh = !find("HelmRelease", is.key);
  Conditions conditions({}, loop_.wall_now(), 1);
  if (ready) {
    conditions.set("Ready", "True", is.generation > 1 ? "UpgradeSucceeded" : "InstallSucceeded",
                   "Helm release " + is.key + " is deployed");
  } else {
    conditions.set("Ready", "Unknown", "Progressing", "Running the Helm action");
  }
  std::string json = "{" + is.owned(R"("k0rdent.mirantis.com/managed":"true")");
  json += R"(,"spec":{"interval":"10m0s","releaseName":")" + is.name + R"(","chartRef":{"kind":)";
  json += R"("HelmChart","name":")" + std::string(is.spec("template")) + R"("},"values":)";
  const std::string values = is.object["spec"]["config"].to_json();
  json += (values.empty() ? "{}" : values) + R"(},"status":{"conditions":)";
  api_.store().put(view("HelmRelease"), json + conditions.json() + "}}");
  if (fresh) emit(is, "HelmReleaseCreated", "HelmRelease " + is.key + " is created");
}

void Kcm::capi_cluster(const Deployment& is, bool ready) {
  const std::string labels = R"("helm.toolkit.fluxcd.io/name":")" + is.name +
                             R"(","helm.toolkit.fluxcd.io/namespace":")" + is.ns + "\"";
  api_.store().put(view("Cluster"), R"({"metadata":{"name":")" + is.name + R"(","namespace":")" +
                                        is.ns + R"(","labels":{)" + labels +
                                        R"(}},"spec":{},"status":{"phase":")" +
                                        (ready ? "Provisioned" : "Provisioning") + R"("}})");
  if (ready) emit(is, "CAPIClusterIsReady", "Cluster " + is.key + " is ready");
}

// Writes the ServiceSet; the members of status that tell of the services.
std::string Kcm::services(const Deployment& is, bool deployed, Conditions& conditions) {
  std::string states;
  int count = 0, ready = 0;
  Writer w(states);
  w.begin_array();
  for (const Value one : is.wanted().array()) {
    const std::string_view ns = one["namespace"].str().empty() ? "default" : one["namespace"].str();
    Value was;
    for (const Value old : is.object["status"]["services"].array()) {
      if (old["name"].str() == one["name"].str() && old["namespace"].str() == ns) was = old;
    }
    const bool same =
        was["template"].str() == one["template"].str() && was["state"].str() == "Deployed";
    const bool done = deployed || same;
    ++count;
    ready += done;
    w.begin_object().field("type", "Helm").field("name", one["name"].str()).field("namespace", ns);
    w.field("template", one["template"].str()).field("state", done ? "Deployed" : "Provisioning");
    w.field("lastStateTransitionTime",
            same ? std::string(was["lastStateTransitionTime"].str()) : api_.store().now());
    w.end_object();
  }
  w.end_array();
  const std::string of = std::to_string(ready) + "/" + std::to_string(count);
  conditions.set("ServicesInReadyState", ready == count ? "True" : "False",
                 ready == count ? "Succeeded" : "Failed", of);
  if (count > 0) {
    api_.store().put(
        view("ServiceSet"),
        "{" + is.owned(R"("ksm.k0rdent.mirantis.com/adapter":"kcm-controller-manager")") +
            R"(,"spec":{"cluster":")" + is.name + R"(","services":)" + is.wanted().to_json() +
            R"(},"status":{"deployed":)" + (ready == count ? "true" : "false") + R"(,"services":)" +
            states + "}}");
  } else {
    api_.store().remove(view("ServiceSet"), is.key);
  }
  return R"("services":)" + states;
}

void Kcm::build(Work& work, const Deployment& is) {
  Conditions conditions(is.object["status"]["conditions"], loop_.wall_now(), is.generation);
  std::string more;
  const auto reach = [&](const char* condition, const char* reason, const std::string& message) {
    const bool stops = held(condition);
    conditions.set(condition, stops ? "False" : "True", stops ? "Failed" : reason,
                   stops ? hold_message_ : message);
    work.blocked = stops;
    return !stops;
  };
  bool on = true;
  switch (work.step) {
    case 0:
      edit(view("ClusterDeployment"), is.key,
           R"({"metadata":{"finalizers":[")" + std::string(kFinalizer) +
               R"("],"labels":{"k0rdent.mirantis.com/component":"kcm"}}})",
           false);
      on = check(work, is, conditions);
      more = upgrades(is);
      if (is.object["spec"]["dryRun"].bool_or(false)) work.step = kLastStep;
      break;
    case 1:
      release(is, false);
      conditions.set("HelmReleaseReady", "Unknown", "Progressing", "Running the Helm action");
      break;
    case 2:
      on = reach("HelmReleaseReady", is.generation > 1 ? "UpgradeSucceeded" : "InstallSucceeded",
                 "Helm release " + is.key + " is deployed");
      if (!on) break;
      release(is, true);
      if (!find("Cluster", is.key)) {
        capi_cluster(is, false);
        conditions.set("CAPIClusterSummary", "False", "IssuesReported",
                       "ControlPlaneInitialized: the control plane is not initialized");
      }
      break;
    case 3:
      on = reach("CAPIClusterSummary", "InfoReported", "");
      if (on) capi_cluster(is, true);
      break;
    case 4:
      more = services(is, false, conditions);
      break;
    default:
      on = !held("ServicesInReadyState");
      work.blocked = !on;
      more = services(is, on, conditions);
  }
  set_status(is, conditions, more);
  if (!on) return;
  if (++work.step > kLastStep) work.active = false;
}

void Kcm::take_down(Work& work, const Deployment& is) {
  Conditions conditions(is.object["status"]["conditions"], loop_.wall_now(), is.generation);
  constexpr const char* kWaits[] = {"WaitingForClusterDeletion", "WaitingForHelmReleaseDeletion",
                                    "WaitingForServiceSetsDeletion", "DeletionCompleted"};
  constexpr const char* kGone[] = {"Cluster", "HelmRelease", "ServiceSet"};
  if (work.step == 0 && !check(work, is, conditions)) return set_status(is, conditions, "");
  if (held("Deleting")) {
    work.blocked = true;
    conditions.set("Deleting", "True", "Failed", hold_message_);
    return set_status(is, conditions, "");
  }
  if (work.step > 3) {
    work.active = false;
    emit(is, "SuccessfulDelete", "ClusterDeployment " + is.key + " is deleted");
    api_.store().remove(view("ClusterDeployment"), is.key);
    return;
  }
  if (work.step > 0) api_.store().remove(view(kGone[work.step - 1]), is.key);
  if (work.step == 1) conditions.set("CAPIClusterSummary", "True", "DeletionCompleted");
  const char* reason = kWaits[work.step];
  conditions.set("Deleting", "True", reason, reason);
  set_status(is, conditions, "");
  ++work.step;
}

}  // namespace sim
