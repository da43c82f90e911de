#include "deployments/cluster_phase.h"

#include <algorithm>
#include <array>
#include <utility>

#include "answer/members.h"
#include "answer/path.h"
#include "deployments/rows.h"
#include "deployments/sections.h"

namespace deployments {

using answer::condition_of;
using base::WallTime;
using base::json::Value;

bool is(Value object, std::string_view type, std::string_view status) {
  return condition_of(object, type)["status"].str() == status;
}

std::string text_of(Value condition) {
  const std::string message = answer::cut_text(condition["message"].str(), answer::kMessageBytes);
  std::string out(condition["type"].str());
  return out.append(": ").append(message.empty() ? condition["reason"].str() : message);
}

Assessment made(Phase phase, std::optional<int> progress, std::string_view reason,
                std::string message, Value about) {
  Assessment out;
  out.phase = phase;
  out.progress = progress;
  out.reason = reason;
  out.message = std::move(message);
  out.about = about;
  return out;
}

Assessment made(Phase phase, std::optional<int> progress, Value condition, Value about) {
  return made(phase, progress, condition["reason"].str(), text_of(condition), about);
}

namespace {

// How long an object that Helm has made may be missing in what was read: watches are not in step.
constexpr base::Duration kWatchPatience = base::minutes(1);

Assessment broken(Assessment out) {
  out.phase = Phase::failed;
  out.progress = 0;
  out.severity = Severity::error;
  return out;
}

// ---- Cluster API

// A condition of the Cluster, the phase while it is not `good`, and the progress then. The first
// that holds counts.
struct Stage {
  std::string_view type;
  Phase phase;
  int progress;
  std::string_view good = "True";
};
constexpr std::array<Stage, 14> kStages = {{
    {"InfrastructureReady", Phase::provisioning, 25},
    {"ControlPlaneInitialized", Phase::bootstrapping, 50},
    {"ControlPlaneReady", Phase::bootstrapping, 60},  // v1beta1's
    {"ControlPlaneAvailable", Phase::bootstrapping, 60},
    // Machines of a cluster that was complete: before their conditions, which are as new ones'.
    {"RollingOut", Phase::scaling, 85, "False"},
    {"ControlPlaneMachinesReady", Phase::bootstrapping, 60},
    {"WorkersAvailable", Phase::scaling, 75},
    {"WorkerMachinesReady", Phase::scaling, 85},
    {"RemoteConnectionProbe", Phase::scaling, 85},
    // KCM's summary has none of these: its Ready says nothing about them.
    {"ControlPlaneMachinesUpToDate", Phase::scaling, 85},
    {"WorkerMachinesUpToDate", Phase::scaling, 85},
    {"Remediating", Phase::scaling, 85, "False"},
    {"ScalingUp", Phase::scaling, 85, "False"},
    {"ScalingDown", Phase::scaling, 85, "False"},
}};
// A condition that says what is under way holds by evidence alone: Unknown is none.
bool holds(const Stage& stage, std::string_view status) {
  if (stage.good == "False") return status == "True";
  if (stage.type.ends_with("UpToDate")) return status == "False";
  return status != "True";
}

constexpr std::string_view kNoConditions = "NoConditions";

// The cluster's API server was reached before, and is not any more. Cluster API has one reason for
// that and for "not yet": the text tells them apart.
bool is_lost(Value cluster) {
  const Value probe = condition_of(cluster, "RemoteConnectionProbe");
  return probe["status"].str() == "False" && is(cluster, "ControlPlaneInitialized", "True") &&
         probe["message"].str().find("not established yet") == std::string_view::npos;
}

std::optional<WallTime> since(Value condition) {
  return base::parse_rfc3339(condition["lastTransitionTime"].str());
}

// An API server restarts in seconds, a machine of a control plane in minutes: shorter is no outage.
constexpr base::Duration kLossPatience = base::minutes(5);

// What the cluster had once and has no more. A control plane that comes up is available soon after
// it is initialized. Unknown is no evidence: k0smotron uses it while a loss is too short to report.
void weigh_loss(Assessment& out, Value cluster, Value condition, WallTime now) {
  const Value initialized = condition_of(cluster, "ControlPlaneInitialized");
  if (initialized["status"].str() != "True") return;
  if (out.phase == Phase::provisioning) out.severity = Severity::warning;
  if (!condition["type"].str().starts_with("ControlPlane") || out.phase != Phase::bootstrapping)
    return;
  const auto up = since(initialized), lost = since(condition);
  if (!up || !lost || base::Duration(lost->ns - up->ns) <= kClusterPatience) return;
  const bool long_ago = base::Duration(now.ns - lost->ns) > kLossPatience;
  out.severity = Severity::warning;
  if (condition["status"].str() != "False") {
    if (!long_ago) out.severity = Severity::info;
    out.message = "the control plane was available before, and may still be: " + out.message;
    return;
  }
  if (long_ago && !is(cluster, "RollingOut", "True")) out.severity = Severity::error;
  out.message = "the control plane was available before, and is not now: " + out.message;
}

bool is_paused(Value cluster) {
  return cluster["spec"]["paused"].bool_or(false) || is(cluster, "Paused", "True");
}

// KCM's summary: a line "* TYPE: …" for each condition that is not True, indented below it what
// belongs to it.
std::optional<Assessment> by_summary(Value deployment) {
  const Value summary = condition_of(deployment, "CAPIClusterSummary");
  if (!summary || summary["status"].str() == "True") return std::nullopt;
  if (summary["reason"].str() == "CAPIClusterMissing")
    return broken(made(Phase::failed, 0, summary, deployment));
  const std::string text = "\n" + std::string(summary["message"].str());
  for (const Stage& stage : kStages) {
    if (text.find("\n* " + std::string(stage.type) + ":") != text.npos)
      return made(stage.phase, stage.progress, summary, deployment);
  }
  return made(Phase::provisioning, 25, summary, deployment);
}

// ---- Sveltos

std::optional<Assessment> by_sveltos(Value sveltos) {
  const Value status = sveltos["status"];
  const std::string message =
      answer::cut_text(status["failureMessage"].str(), answer::kMessageBytes);
  if (status["connectionStatus"].str() == "Down") {
    return broken(made(Phase::failed, 0, "ConnectionDown",
                       "the cluster cannot be reached: " + message, sveltos));
  }
  if (status["ready"].bool_or(false)) return std::nullopt;
  return made(Phase::provisioning, 25, "NotReady",
              "SveltosCluster is not ready" + (message.empty() ? message : ": " + message),
              sveltos);
}

// ---- no object

// A ClusterTemplate may make no Cluster; then KCM has no summary.
std::optional<Assessment> by_absence(const Seen& seen, WallTime now) {
  const Value deployment = seen.deployment;
  const bool here = deployment["status"]["region"].str().empty();
  const Value ready = condition_of(deployment, "Ready");
  // KCM looked for one: its word counts, whatever was found here.
  if (condition_of(deployment, "CAPIClusterSummary")) return by_summary(deployment);
  if (!here || !seen.cluster_known) return std::nullopt;
  if (ready["status"].str() != "True")
    return made(Phase::provisioning, 25, "NoCluster", "there is no Cluster object yet", deployment);
  if (!seen.sveltos_known || provider_of(deployment) != "adopted") return std::nullopt;
  Assessment out =
      made(Phase::provisioning, 25, "NoSveltosCluster",
           "there is no SveltosCluster: the HelmRelease is installed, which is all that "
           "Ready means for an adopted cluster",
           deployment);
  const auto at = since(ready);
  if (at && base::Duration(now.ns - at->ns) <= kWatchPatience) return out;
  return broken(std::move(out));
}

}  // namespace

std::optional<Assessment> by_cluster(Value cluster, WallTime now) {
  if (!cluster["metadata"]["deletionTimestamp"].str().empty()) {
    const Value condition = condition_of(cluster, "Deleting");
    return broken(made(Phase::failed, 0, "ClusterDeleting",
                       "the Cluster is being deleted, and its ClusterDeployment is not" +
                           (condition ? "; " + text_of(condition) : std::string()),
                       cluster));
  }
  if (is_lost(cluster)) {
    Assessment out =
        made(Phase::failed, 0, condition_of(cluster, "RemoteConnectionProbe"), cluster);
    out.message = "the cluster cannot be reached: " + out.message;
    return broken(std::move(out));
  }
  for (const Stage& stage : kStages) {
    const Value condition = condition_of(cluster, stage.type);
    if (!condition || !holds(stage, condition["status"].str())) continue;
    Assessment out = made(stage.phase, stage.progress, condition, cluster);
    weigh_loss(out, cluster, condition, now);
    return out;
  }
  if (!condition_of(cluster, "InfrastructureReady")) {
    return made(Phase::provisioning, 25, kNoConditions,
                "Cluster API has not acted on the Cluster yet", cluster);
  }
  const auto observed = cluster["status"]["observedGeneration"].as_int();
  // Pausing is a change that Cluster API does not act on.
  if (observed && *observed < cluster["metadata"]["generation"].int_or(0) && !is_paused(cluster)) {
    return made(Phase::scaling, 85, "ClusterOutdated",
                "Cluster API has not acted on the last change of the Cluster yet", cluster);
  }
  return std::nullopt;
}

std::optional<Assessment> behind(const Seen& seen, WallTime now) {
  if (seen.cluster) {
    auto out = by_cluster(seen.cluster, now);
    // KCM has read more of it than is there now, or than this caller is shown.
    if (out && out->reason == kNoConditions && is(seen.deployment, "CAPIClusterSummary", "True"))
      return std::nullopt;
    return out;
  }
  return seen.sveltos ? by_sveltos(seen.sveltos) : by_absence(seen, now);
}

bool lacks_cluster(const Seen& seen) {
  if (seen.cluster || seen.sveltos || !seen.cluster_known) return false;
  if (!seen.deployment["status"]["region"].str().empty()) return false;
  const Value summary = condition_of(seen.deployment, "CAPIClusterSummary");
  // Failed: KCM could not look for one, so there may never have been any.
  const std::string_view why = summary["reason"].str();
  return summary && why != "Failed" && why != "CAPIClusterMissing";
}

std::string unknown_reach(const Seen& seen) {
  const Value deployment = seen.deployment;
  if (seen.cluster || seen.sveltos || condition_of(deployment, "CAPIClusterSummary")) return {};
  const std::string_view region = deployment["status"]["region"].str();
  if (provider_of(deployment) != "adopted" || (region.empty() && seen.sveltos_known)) return {};
  std::string out = "whether the cluster can be reached is not known: its SveltosCluster ";
  if (region.empty()) return out + "could not be read";
  return out.append("is in the cluster of Region ").append(region).append(", which is not read");
}

bool is_live(const Seen& seen) {
  if (seen.cluster) return is(seen.cluster, "ControlPlaneInitialized", "True");
  if (seen.sveltos) return seen.sveltos["status"]["ready"].bool_or(false);
  return is(seen.deployment, "CAPIClusterSummary", "True");
}

}  // namespace deployments
