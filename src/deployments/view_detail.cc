// clusterDeployments.detail, and the same in a provider's words: what a cluster is made of.
#include <optional>
#include <utility>

#include "answer/members.h"
#include "answer/path.h"
#include "deployments/provider.h"
#include "deployments/rows.h"
#include "deployments/sections.h"
#include "deployments/update.h"
#include "deployments/view.h"
#include "kinds/state.h"

namespace deployments {

using answer::Report;
using base::WallTime;
using base::json::Value;
using base::json::Writer;

namespace {

// A line shows so much of a message: a drain names pods and their budgets.
constexpr std::size_t kLineBytes = 400;

std::string_view version_of(Value object) {
  for (const Value each : {object["status"]["version"], object["status"]["currentVersion"],
                           object["spec"]["version"]}) {
    if (!each.str().empty()) return each.str();
  }
  return object["spec"]["template"]["spec"]["version"].str();
}

void write_replicas(Writer& w, Value object) {
  const Value status = object["status"];
  if (const auto wanted = object["spec"]["replicas"].as_int()) w.field("replicas", *wanted);
  for (const std::string_view each :
       {"readyReplicas", "availableReplicas", "upToDateReplicas", "updatedReplicas"}) {
    if (const auto n = status[each].as_int()) w.field(each, *n);
  }
}

// Its conditions that are not as they should be.
void write_troubles(Writer& w, Value object, WallTime now) {
  std::string out;
  for (const answer::Weighed& each : answer::by_weight(object["status"]["conditions"], now)) {
    if (each.weight == answer::Weight::good) continue;
    if (!out.empty()) out += ',';
    out += answer::condition_json(each.condition);
  }
  if (!out.empty()) w.key("conditions").raw("[" + out + "]");
}

// Its condition Ready; of control planes that have none (K0sControlPlane, KubeadmControlPlane)
// Available.
Value readiness(Value object) {
  const Value ready = answer::condition_of(object, "Ready");
  return ready ? ready : answer::condition_of(object, "Available");
}

// nullopt: it does not say.
std::optional<bool> is_ready(Value object) {
  if (const std::string_view said = readiness(object)["status"].str(); !said.empty())
    return said == "True";
  const Value status = object["status"];
  const auto flag = status["ready"].as_bool();
  const auto provisioned = status["initialization"]["provisioned"].as_bool();
  if (!flag && !provisioned) return std::nullopt;
  return flag.value_or(false) || provisioned.value_or(false);
}

std::string ready_word(Value object) {
  const auto ready = is_ready(object);
  if (!ready) return "not reported";
  if (*ready) return "ready";
  const std::string why = answer::cut_text(readiness(object)["message"].str(), 200);
  return "not ready" + (why.empty() ? std::string() : ": " + why);
}

// Control plane or infrastructure.
std::string part_json(Value object, WallTime now) {
  if (!object) return {};
  std::string out;
  Writer w(out);
  w.begin_object().field("kind", object["kind"].str());
  w.field("name", object["metadata"]["name"].str());
  if (const auto ready = is_ready(object)) w.field("ready", *ready);
  w.field_if("version", version_of(object));
  write_replicas(w, object);
  write_troubles(w, object, now);
  w.end_object();
  return out;
}

std::string part_text(Value object) {
  if (!object) return {};
  std::string out(object["kind"].str());
  out.append(" ").append(object["metadata"]["name"].str()).append(", ").append(ready_word(object));
  if (const auto wanted = object["spec"]["replicas"].as_int()) {
    out.append(", ").append(std::to_string(object["status"]["readyReplicas"].int_or(0)));
    out.append("/").append(std::to_string(*wanted)).append(" replicas ready");
  }
  if (!version_of(object).empty()) out.append(", ").append(version_of(object));
  return out;
}

std::string cluster_json(Value cluster, WallTime now) {
  if (!cluster) return {};
  std::string out;
  Writer w(out);
  w.begin_object().field("name", cluster["metadata"]["name"].str());
  w.field_if("phase", cluster["status"]["phase"].str());
  if (cluster["spec"]["paused"].bool_or(false)) w.field("paused", true);
  write_troubles(w, cluster, now);
  w.end_object();
  return out;
}

std::string cluster_text(Value cluster) {
  if (!cluster) return {};
  std::string out(cluster["metadata"]["name"].str());
  out.append(", ").append(cluster["status"]["phase"].str("no phase yet"));
  if (cluster["spec"]["paused"].bool_or(false)) out += ", paused";
  const Value going = answer::condition_of(cluster, "Deleting");
  if (going["status"].str() == "True")
    out.append(": ").append(answer::cut_text(going["message"].str(), kLineBytes));
  return out;
}

std::string sveltos_json(Value object) {
  if (!object) return {};
  const Value status = object["status"];
  std::string out;
  Writer w(out);
  w.begin_object().field("name", object["metadata"]["name"].str());
  w.field("ready", status["ready"].bool_or(false));
  w.field_if("connectionStatus", status["connectionStatus"].str());
  w.field_if("version", status["version"].str());
  w.field_if("failureMessage",
             answer::cut_text(status["failureMessage"].str(), answer::kMessageBytes));
  w.end_object();
  return out;
}

std::string sveltos_text(Value object) {
  if (!object) return {};
  std::string out = object["status"]["ready"].bool_or(false) ? "ready" : "not ready";
  for (const std::string_view each : {"connectionStatus", "version", "failureMessage"}) {
    const std::string text = answer::cut_text(object["status"][each].str(), 200);
    if (!text.empty()) out.append(", ").append(text);
  }
  return out;
}

// Flux's Ready may be of what it applied before.
bool is_release_ready(Value release) {
  return is_ready(release).value_or(false) && !kinds::is_unapplied(release);
}

std::string release_text(Value release) {
  if (!is_ready(release).value_or(false) || is_release_ready(release)) return ready_word(release);
  return "not ready: Flux has not applied its last change yet (generation " +
         std::to_string(release["metadata"]["generation"].int_or(0)) + ", observed " +
         std::to_string(release["status"]["observedGeneration"].int_or(0)) + ")";
}

std::string release_json(Value release, WallTime now) {
  if (!release) return {};
  const Value latest = release["status"]["history"].at(0);
  std::string out;
  Writer w(out);
  w.begin_object().field("name", release["metadata"]["name"].str());
  w.field("ready", is_release_ready(release));
  w.field_if("chart", latest["chartName"].str()).field_if("version", latest["chartVersion"].str());
  w.field_if("status", latest["status"].str());
  write_troubles(w, release, now);
  w.end_object();
  return out;
}

void add_pools(Report& report, std::string_view key, std::string_view heading, Value list) {
  if (list.size() == 0 && key != "machineDeployments") return;
  report.begin(key, list.size() > 0 ? heading : std::string_view());
  for (const Value each : list.array()) {
    std::string json, line = "  ";
    Writer w(json);
    const std::string_view phase = each["status"]["phase"].str();
    w.begin_object().field("name", each["metadata"]["name"].str()).field_if("phase", phase);
    w.field_if("version", version_of(each));
    write_replicas(w, each);
    w.end_object();
    line.append(each["metadata"]["name"].str()).append("  ");
    line.append(std::to_string(each["status"]["readyReplicas"].int_or(0))).append("/");
    line.append(std::to_string(each["spec"]["replicas"].int_or(0))).append(" ready");
    for (const std::string_view more : {phase, version_of(each)}) {
      if (!more.empty()) line.append("  ").append(more);
    }
    report.row(json, line);
  }
  report.end(key);
}

void add_machines(Report& report, const Joined& joined) {
  if (!joined.machines_known()) return;
  const Machines& machines = joined.machines();
  report.required("machines", machines.json());
  report.line("Machines", machines.text());
  if (!machines.addresses().empty()) {
    report.begin("addresses", {});
    std::string text;
    for (const std::string& each : machines.addresses()) {
      std::string json;
      base::json::append_string(json, each);
      report.row(json);
      text.append(text.empty() ? "" : ", ").append(each);
    }
    report.end("addresses");
    report.line("Addresses", text);
  }
  if (machines.troubled_total() == 0) return;
  report.begin("machinesNotReady", "Not ready");
  for (const Machines::Troubled& each : machines.troubled()) {
    std::string json;
    Writer w(json);
    w.begin_object().field("name", each.name).field("role", each.role).field("state", each.phase);
    w.field_if("reason", each.reason).field_if("message", each.message).end_object();
    report.row(json, "  " + each.name + "  " + each.role + "  " + each.phase + "  " +
                         answer::cut_text(each.message, kLineBytes));
  }
  report.end("machinesNotReady");
  if (machines.troubled_total() > machines.troubled().size()) {
    report.note(std::to_string(machines.troubled_total() - machines.troubled().size()) +
                " more machines are not ready");
  }
}

// The Secret that Cluster API writes once the control plane is initialized; for an adopted cluster
// the one that was given.
std::string kubeconfig_json(const Joined& joined) {
  std::string out;
  const Value capi = joined.capi();
  const std::string_view ns = joined.deployment()["metadata"]["namespace"].str();
  if (answer::condition_of(capi, "ControlPlaneInitialized")["status"].str() == "True") {
    answer::append_reference(out, std::string(capi["metadata"]["name"].str()) + "-kubeconfig", ns);
  } else if (!capi) {
    answer::append_reference(out, joined.sveltos()["spec"]["kubeconfigName"].str(), ns);
  }
  return out;
}

void add_head(Report& report, const Joined& joined, WallTime now) {
  const Value deployment = joined.deployment();
  const State state = shown_state(joined, now);
  add_identity(report, joined, state);
  report.text("state", {}, state.word);
  for (const answer::RowMember& each : kRowMembers) {
    if (each.name == "templateRef" || each.name == "credentialRef" ||
        each.name == "availableUpgrades")
      report.required(each.name, answer::member_json(each, deployment, now));
  }
  add_references(report, joined);
  report.text("provider", "Provider", provider_of(joined));
  report.text("region", "Region", region_of(deployment));
  report.text("k0rdentRegion", "In Region", joined.region());
  report.text("k8sVersion", "Kubernetes", deployment["status"]["k8sVersion"].str());
  add_upgrades(report, joined);
  report.required("controlPlaneEndpoint", endpoint_json(joined));
  report.line("Endpoint", endpoint_text(joined));
  report.required("kubeconfigSecret", kubeconfig_json(joined));
}

void add_parts(Report& report, Joined& joined, WallTime now) {
  report.required("cluster", cluster_json(joined.capi(), now));
  report.line("Cluster", cluster_text(joined.capi()));
  report.required("controlPlane", part_json(joined.control_plane(), now));
  report.line("Control plane", part_text(joined.control_plane()));
  report.required("infrastructure", part_json(joined.infrastructure(), now));
  report.line("Infrastructure", part_text(joined.infrastructure()));
  report.required("sveltosCluster", sveltos_json(joined.sveltos()));
  report.line("SveltosCluster", sveltos_text(joined.sveltos()));
  report.required("helmRelease", release_json(joined.release(), now));
  if (joined.release()) report.line("HelmRelease", release_text(joined.release()));
  add_machines(report, joined);
  add_pools(report, "machineDeployments", "MachineDeployments", joined.machine_deployments());
  add_pools(report, "machinePools", "MachinePools", joined.machine_pools());
}

using ProviderJson = std::string (*)(const Joined&);

base::Result<void> in_words_of(std::string_view provider, ProviderJson json, Report& report,
                               Joined& joined, WallTime now) {
  const std::string is = provider_of(joined);
  if (!is.empty() && is != provider) {
    const bool has_tool = is == "aws" || is == "azure" || is == "gcp";
    return base::Error(base::Errc::invalid_argument,
                       object_text(joined.deployment()) + " is of provider " + is + ": use " +
                           (has_tool ? "k0rdent.provider." + is : std::string("k0rdent.mgmt")) +
                           ".clusterDeployments.detail");
  }
  add_head(report, joined, now);
  report.member(provider, json(joined));
  add_parts(report, joined, now);
  // As in the original: the infrastructure object's.
  add_conditions(report, {"conditions", "Infrastructure conditions"},
                 joined.infrastructure()["status"]["conditions"], now);
  add_conditions(report, {"deploymentConditions", "Conditions"},
                 joined.deployment()["status"]["conditions"], now, weight_of);
  add_services(report, joined.deployment());
  add_notes(report, joined);
  return {};
}

}  // namespace

base::Result<void> view_detail(Report& report, Joined& joined, WallTime now) {
  add_head(report, joined, now);
  add_parts(report, joined, now);
  add_conditions(report, {"conditions", "Conditions"}, joined.deployment()["status"]["conditions"],
                 now, weight_of);
  add_services(report, joined.deployment());
  add_notes(report, joined);
  return {};
}

base::Result<void> view_aws(Report& report, Joined& joined, WallTime now) {
  return in_words_of("aws", aws_json, report, joined, now);
}

base::Result<void> view_azure(Report& report, Joined& joined, WallTime now) {
  return in_words_of("azure", azure_json, report, joined, now);
}

base::Result<void> view_gcp(Report& report, Joined& joined, WallTime now) {
  return in_words_of("gcp", gcp_json, report, joined, now);
}

}  // namespace deployments
