#include "deployments/phase.h"

#include <array>
#include <utility>

#include "answer/members.h"
#include "answer/path.h"
#include "deployments/sections.h"
#include "deployments/services.h"
#include "kinds/state.h"

namespace deployments {

using answer::condition_of;
using base::json::Value;

namespace {

bool is(Value object, std::string_view type, std::string_view status) {
  return condition_of(object, type)["status"].str() == status;
}

std::string text_of(Value condition) {
  const std::string message = answer::cut_text(condition["message"].str(), answer::kMessageBytes);
  std::string out(condition["type"].str());
  return out.append(": ").append(message.empty() ? condition["reason"].str() : message);
}

Assessment of(Phase phase, std::optional<int> progress, std::string_view reason,
              std::string message, Value about) {
  Assessment out;
  out.phase = phase;
  out.progress = progress;
  out.reason = reason;
  out.message = std::move(message);
  out.about = about;
  return out;
}

Assessment of(Phase phase, std::optional<int> progress, Value condition, Value about) {
  return of(phase, progress, condition["reason"].str(), text_of(condition), about);
}

// ---- states of the ClusterDeployment alone

Assessment deleting(Value deployment) {
  const Value condition = condition_of(deployment, "Deleting");
  const Value credential = condition_of(deployment, "CredentialReady");
  const bool stuck = condition["reason"].str() == "Failed";
  if (credential["status"].str() == "False") {
    // Its finalizer needs the Credential: without it the deletion never ends.
    Assessment out = of(Phase::deleting, {}, credential, deployment);
    out.severity = Severity::error;
    out.message = "the deletion cannot go on: " + out.message;
    return out;
  }
  Assessment out = condition ? of(Phase::deleting, {}, condition, deployment)
                             : of(Phase::deleting, {}, "Deleting",
                                  "deletion was asked for; KCM has not begun with it", deployment);
  out.severity = stuck ? Severity::error : Severity::info;
  return out;
}

std::string outdated_text(Value deployment) {
  const std::int64_t generation = deployment["metadata"]["generation"].int_or(0);
  const std::int64_t observed = deployment["status"]["observedGeneration"].int_or(generation);
  return observed < generation ? "the spec is generation " + std::to_string(generation) +
                                     ", the status is of generation " + std::to_string(observed) +
                                     ": KCM has not acted on the last change"
                               : "all conditions but Ready are of an older generation than " +
                                     std::to_string(generation) +
                                     ": KCM could not look at the cluster since the last change";
}

// ---- Helm

std::optional<Assessment> before_cluster(const Seen& seen) {
  const Value deployment = seen.deployment, release = seen.release;
  for (const std::string_view type :
       {"CredentialReady", "TemplateReady", "HelmChartReady", "DataSourceReady",
        "ClusterDataSourceReady", "ClusterAuthenticationReady", "ClusterAuditPolicyReady"}) {
    const Value condition = condition_of(deployment, type);
    if (condition && condition["status"].str() != "True")
      return of(Phase::initializing, 5, condition, deployment);
  }
  const Value copied = condition_of(deployment, "HelmReleaseReady");
  if (!copied) {
    return of(Phase::initializing, 5, "NoHelmRelease", "the HelmRelease is not made yet",
              deployment);
  }
  if (copied["status"].str() != "True")
    return of(Phase::initializing, 5, copied, release ? release : deployment);
  // KCM copies the HelmRelease's condition without looking at the generation that it is of.
  const auto observed = release["status"]["observedGeneration"].as_int();
  if (observed && *observed < release["metadata"]["generation"].int_or(0)) {
    return of(Phase::initializing, 5, "HelmReleaseOutdated",
              "Flux has not applied the last change of the HelmRelease yet", release);
  }
  return std::nullopt;
}

// ---- Cluster API

// A condition of the Cluster, the phase while it is not True, and the progress then.
struct Stage {
  std::string_view type;
  Phase phase;
  int progress;
};
constexpr std::array<Stage, 8> kStages = {{
    {"InfrastructureReady", Phase::provisioning, 25},
    {"ControlPlaneInitialized", Phase::bootstrapping, 50},
    {"ControlPlaneReady", Phase::bootstrapping, 60},  // v1beta1's
    {"ControlPlaneAvailable", Phase::bootstrapping, 60},
    {"ControlPlaneMachinesReady", Phase::bootstrapping, 60},
    {"WorkersAvailable", Phase::scaling, 75},
    {"WorkerMachinesReady", Phase::scaling, 85},
    {"RemoteConnectionProbe", Phase::scaling, 85},
}};

constexpr std::string_view kNoConditions = "NoConditions";

std::optional<Assessment> by_cluster(Value cluster) {
  for (const Stage& stage : kStages) {
    const Value condition = condition_of(cluster, stage.type);
    if (condition && condition["status"].str() != "True")
      return of(stage.phase, stage.progress, condition, cluster);
  }
  if (condition_of(cluster, "InfrastructureReady")) return std::nullopt;
  return of(Phase::provisioning, 25, kNoConditions, "Cluster API has not acted on the Cluster yet",
            cluster);
}

// KCM's summary: a line "* TYPE: …" for each condition that is not True, indented below it what
// belongs to it.
std::optional<Assessment> by_summary(Value deployment) {
  const Value summary = condition_of(deployment, "CAPIClusterSummary");
  if (!summary || summary["status"].str() == "True") return std::nullopt;
  const std::string text = "\n" + std::string(summary["message"].str());
  for (const Stage& stage : kStages) {
    if (text.find("\n* " + std::string(stage.type) + ":") != text.npos)
      return of(stage.phase, stage.progress, summary, deployment);
  }
  return of(Phase::provisioning, 25, summary, deployment);
}

std::optional<Assessment> behind(const Seen& seen) {
  if (seen.cluster) {
    auto out = by_cluster(seen.cluster);
    // KCM has read more of it than is there now, or than this caller is shown.
    if (out && out->reason == kNoConditions && is(seen.deployment, "CAPIClusterSummary", "True"))
      return std::nullopt;
    return out;
  }
  if (seen.sveltos) {
    const Value status = seen.sveltos["status"];
    const std::string message =
        answer::cut_text(status["failureMessage"].str(), answer::kMessageBytes);
    if (status["connectionStatus"].str() == "Down") {
      Assessment out = of(Phase::failed, 0, "ConnectionDown",
                          "the cluster cannot be reached: " + message, seen.sveltos);
      out.severity = Severity::error;
      return out;
    }
    if (status["ready"].bool_or(false)) return std::nullopt;
    return of(Phase::provisioning, 25, "NotReady",
              "SveltosCluster is not ready" + (message.empty() ? message : ": " + message),
              seen.sveltos);
  }
  if (auto told = by_summary(seen.deployment)) return told;
  // KCM's summary is True once the Cluster was seen; without one the Cluster was never there.
  if (seen.cluster_known && !condition_of(seen.deployment, "CAPIClusterSummary")) {
    if (is(seen.deployment, "Ready", "True")) return std::nullopt;
    return of(Phase::provisioning, 25, "NoCluster", "there is no Cluster object yet",
              seen.deployment);
  }
  return std::nullopt;
}

// The failure that decides: the heaviest condition but Ready.
Assessment failed(const Seen& seen, base::WallTime now) {
  const Value deployment = seen.deployment;
  Value worst = condition_of(deployment, "Ready");
  for (const answer::Weighed& each :
       answer::by_weight(deployment["status"]["conditions"], now, weight_of)) {
    if (each.weight != answer::Weight::failure) continue;
    worst = each.condition;
    if (worst["type"].str() != "Ready") break;
  }
  Assessment out = of(Phase::failed, 0, worst, deployment);
  out.severity = Severity::error;
  // KCM's summary of the Cluster is a list; the Cluster itself says what comes first.
  if (worst["type"].str() == "CAPIClusterSummary" && seen.cluster) {
    if (auto stage = by_cluster(seen.cluster)) {
      out.reason = std::move(stage->reason);
      out.message = std::move(stage->message);
      out.about = stage->about;
    }
  }
  // Cluster API's word for a problem that needs a person.
  const Value status = seen.cluster["status"];
  const Value old = status["deprecated"]["v1beta1"];
  out.terminal = !status["failureReason"].str().empty() || !old["failureReason"].str().empty();
  return out;
}

// ---- services

std::optional<Assessment> by_services(Value deployment) {
  const Value condition = condition_of(deployment, "ServicesInReadyState");
  const std::vector<Service> services = services_of(deployment);
  const ServiceCount counted = count(services);
  const bool ready = !condition || condition["status"].str() == "True";
  if (ready && counted.all_deployed()) return std::nullopt;
  // Half done or more.
  const int progress = counted.deployed * 2 >= counted.total && counted.deployed > 0 ? 95 : 90;
  std::string message = std::to_string(counted.deployed) + " of " + std::to_string(counted.total) +
                        " services are deployed";
  Assessment out = of(Phase::installing, progress,
                      counted.failed > 0 ? "ServicesFailed" : "ServicesNotReady", {}, deployment);
  for (const Service& each : services) {
    const std::string_view why = each.status["failureMessage"].str();
    if (each.state != "Failed" || why.empty()) continue;
    message.append("; ").append(each.ns).append("/").append(each.name).append(": ");
    message.append(answer::cut_text(why, 200));
    break;
  }
  out.message = std::move(message);
  if (counted.failed > 0) out.severity = Severity::warning;
  return out;
}

bool paused(const Seen& seen) {
  return is(seen.deployment, "Paused", "True") || seen.cluster["spec"]["paused"].bool_or(false) ||
         is(seen.cluster, "Paused", "True");
}

// What the objects say, whatever KCM makes of it.
Assessment under_way(const Seen& seen) {
  const Value deployment = seen.deployment;
  if (deployment["spec"]["dryRun"].bool_or(false)) {
    return of(Phase::initializing, 5, "DryRun", "dry run: only validated, no cluster is made",
              deployment);
  }
  if (auto out = before_cluster(seen)) return *std::move(out);
  if (auto out = behind(seen)) return *std::move(out);
  if (auto out = by_services(deployment)) return *std::move(out);
  const Value ready = condition_of(deployment, "Ready");
  if (ready["status"].str() != "True") return of(Phase::unknown, 0, ready, deployment);
  Assessment out = of(Phase::ready, 100, ready["reason"].str(), "the cluster is ready", deployment);
  out.terminal = true;
  return out;
}

}  // namespace

std::string_view to_string(Phase phase) {
  constexpr std::string_view kNames[] = {"Unknown",       "Initializing", "Provisioning",
                                         "Bootstrapping", "Scaling",      "Installing",
                                         "Ready",         "Failed",       "Deleting"};
  return kNames[static_cast<std::size_t>(phase)];
}

std::string_view to_string(Severity severity) {
  constexpr std::string_view kNames[] = {"info", "warning", "error"};
  return kNames[static_cast<std::size_t>(severity)];
}

bool is_stalled(Value release) {
  const auto observed = release["status"]["observedGeneration"].as_int();
  return is(release, "Stalled", "True") &&
         (!observed || *observed >= release["metadata"]["generation"].int_or(0));
}

Assessment assess(const Seen& seen, base::WallTime now) {
  const Value deployment = seen.deployment;
  if (!deployment["metadata"]["deletionTimestamp"].str().empty()) return deleting(deployment);
  const Value conditions = deployment["status"]["conditions"];
  if (conditions.size() == 0)
    return of(Phase::initializing, 5, "NotReconciled", "KCM has not looked at it yet", deployment);
  const Value ready = condition_of(deployment, "Ready");
  if (kinds::is_outdated_deployment(deployment)) {
    Assessment out = of(Phase::unknown, 0, "Outdated", outdated_text(deployment), deployment);
    out.severity = Severity::warning;
    return out;
  }
  if (conditions.size() == 1 && ready["status"].str() == "Unknown") {
    return of(
        Phase::initializing, 5, "NotReconciled",
        "KCM has set no condition yet; it may wait for an address claim, or for the Secret of a "
        "registry or certificate, which it does not say",
        deployment);
  }
  if (is_stalled(seen.release)) {
    Assessment out = of(Phase::failed, 0, condition_of(seen.release, "Stalled"), seen.release);
    const Value why = condition_of(seen.release, "Ready");
    if (!why["message"].str().empty()) out.message.append("; ").append(text_of(why));
    out.severity = Severity::error;
    out.terminal = true;
    return out;
  }
  if (paused(seen)) {
    Assessment out = under_way(seen);
    out.message = "paused, so nothing goes on; before that: " + out.message;
    out.reason = "Paused";
    out.about = seen.cluster ? seen.cluster : deployment;
    out.severity = Severity::warning;
    out.terminal = false;
    return out;
  }
  const bool kcm_failed = ready["status"].str() == "False" && ready["reason"].str() == "Failed";
  return kcm_failed ? failed(seen, now) : under_way(seen);
}

}  // namespace deployments
