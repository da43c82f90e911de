#include "deployments/phase.h"

#include <algorithm>
#include <utility>

#include "answer/members.h"
#include "answer/path.h"
#include "deployments/cluster_phase.h"
#include "deployments/halt.h"
#include "deployments/sections.h"
#include "deployments/services.h"
#include "kinds/state.h"

namespace deployments {

using answer::condition_of;
using base::json::Value;

namespace {

// ---- states of the ClusterDeployment alone

// A cloud takes its time, an API server does not: how long a deletion may take, and how long KCM
// may take to begin with it.
constexpr base::Duration kDeletionPatience = base::minutes(30), kBeginPatience = base::minutes(5);

Assessment deleting(const Seen& seen) {
  const Value deployment = seen.deployment;
  const Value condition = condition_of(deployment, "Deleting");
  if (!seen.credential && kinds::is_credential_missing(deployment)) {
    // Its finalizer needs the Credential: without it the deletion never ends.
    Assessment out =
        made(Phase::deleting, {}, condition_of(deployment, "CredentialReady"), deployment);
    out.severity = Severity::error;
    out.message = "the deletion cannot go on: " + out.message;
    return out;
  }
  const std::string since(deployment["metadata"]["deletionTimestamp"].str());
  Assessment out =
      condition
          ? made(Phase::deleting, {}, condition, deployment)
          : made(Phase::deleting, {}, "Deleting",
                 "deletion was asked for at " + since + "; KCM has not begun with it", deployment);
  if (condition["reason"].str() == "Failed") out.severity = Severity::error;
  // What it waits for says why it takes so long: a machine that is drained, mostly.
  const Value waits = condition_of(seen.cluster, "Deleting");
  if (waits["status"].str() == "True" && !waits["message"].str().empty()) {
    out.message.append("; Cluster: ");
    out.message += answer::cut_text(waits["message"].str(), answer::kMessageBytes);
  }
  // KCM's conditions are older than its deletion.
  if (seen.credential_absent) {
    out.message.append("; Credential ").append(deployment["spec"]["credential"].str());
    out.message.append(" was not found, without which KCM does not end it");
    out.severity = std::max(out.severity, Severity::warning);
  }
  return out;
}

// The same, and whether it takes too long.
Assessment deleting(const Seen& seen, base::WallTime now) {
  Assessment out = deleting(seen);
  const Value deployment = seen.deployment;
  const std::string_view since = deployment["metadata"]["deletionTimestamp"].str();
  const auto asked = base::parse_rfc3339(since);
  const bool begun = condition_of(deployment, "Deleting").present();
  const base::Duration patience = begun ? kDeletionPatience : kBeginPatience;
  if (asked && base::Duration(now.ns - asked->ns) > patience) {
    out.severity = std::max(out.severity, Severity::warning);
    if (begun) out.message.append("; deletion was asked for at ").append(since);
  }
  if (auto halt = halt_of(seen)) return halted(std::move(out), *std::move(halt));
  return out;
}

// ---- what comes before the cluster

std::optional<Assessment> unprepared(Value deployment) {
  for (const std::string_view type :
       {"CredentialReady", "TemplateReady", "HelmChartReady", "DataSourceReady",
        "ClusterDataSourceReady", "ClusterAuthenticationReady", "ClusterAuditPolicyReady"}) {
    const Value condition = condition_of(deployment, type);
    if (condition && condition["status"].str() != "True")
      return made(Phase::initializing, 5, condition, deployment);
  }
  return std::nullopt;
}

// KCM can end before it has looked at all: what it has not looked at keeps its old generation.
std::optional<Assessment> half_read(Value deployment) {
  const std::int64_t generation = deployment["metadata"]["generation"].int_or(0);
  for (const std::string_view type :
       {"TemplateReady", "HelmChartReady", "HelmReleaseReady", "Ready"}) {
    const auto observed = condition_of(deployment, type)["observedGeneration"].as_int();
    if (!observed || *observed >= generation) continue;
    return made(Phase::initializing, 5, "Outdated",
                std::string(type) + " is of generation " + std::to_string(*observed) +
                    ", the spec is generation " + std::to_string(generation) +
                    ": KCM has not finished acting on the last change",
                deployment);
  }
  return std::nullopt;
}

std::optional<Assessment> uninstalled(const Seen& seen) {
  const Value deployment = seen.deployment, release = seen.release;
  const Value copied = condition_of(deployment, "HelmReleaseReady");
  if (!copied) {
    return made(Phase::initializing, 5, "NoHelmRelease", "the HelmRelease is not made yet",
                deployment);
  }
  if (copied["status"].str() != "True")
    return made(Phase::initializing, 5, copied, release ? release : deployment);
  // KCM copies the HelmRelease's condition without looking at the generation that it is of.
  if (kinds::is_unapplied(release)) {
    return made(Phase::initializing, 5, "HelmReleaseOutdated",
                "Flux has not applied the last change of the HelmRelease yet", release);
  }
  return half_read(deployment);
}

// A cluster that is up goes on while it is changed: it is as far as it is.
Assessment change_of(const Seen& seen, Assessment change, base::WallTime now) {
  auto is_now = behind(seen, now);
  if (is_now && is_now->severity == Severity::error) return *std::move(is_now);
  change.phase = is_now ? is_now->phase : seen.sveltos ? Phase::installing : Phase::scaling;
  change.progress = is_now ? is_now->progress : seen.sveltos ? 90 : 85;
  change.message =
      "an upgrade or another change of the running cluster is under way: " + change.message;
  return change;
}

// ---- a failure that KCM reports

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
  Assessment out = made(Phase::failed, 0, worst, deployment);
  out.severity = Severity::error;
  // KCM's summary of the Cluster is a list; the Cluster itself says what comes first.
  if (worst["type"].str() == "CAPIClusterSummary" && seen.cluster) {
    if (auto stage = by_cluster(seen.cluster, now)) {
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

// KCM reads Cluster API about once a minute: a Cluster that is complete is so before KCM knows.
bool only_cluster_failed(const Seen& seen, base::WallTime now) {
  if (!is(seen.deployment, "CAPIClusterSummary", "False") || !seen.cluster ||
      by_cluster(seen.cluster, now))
    return false;
  for (const Value each : seen.deployment["status"]["conditions"].array()) {
    const std::string_view type = each["type"].str();
    if (each["status"].str() == "False" && type != "Ready" && type != "CAPIClusterSummary" &&
        type != "ServicesInReadyState" && type != "Paused")
      return false;
  }
  return true;
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
  Assessment out = made(Phase::installing, progress,
                        counted.failed > 0 ? "ServicesFailed" : "ServicesNotReady", {}, deployment);
  for (const Service& each : services) {
    const std::string_view why = each.status["failureMessage"].str();
    if (each.state != "Failed" || why.empty() || each.deployed_elsewhere) continue;
    message.append("; ").append(each.ns).append("/").append(each.name).append(": ");
    message.append(answer::cut_text(why, 200));
    break;
  }
  out.message = std::move(message);
  if (counted.failed > 0) out.severity = Severity::warning;
  return out;
}

// All conditions but Ready are as they should be, and Ready is not, or not yet.
Assessment unread(Value deployment) {
  for (const Value each : deployment["status"]["conditions"].array()) {
    const std::string_view type = each["type"].str();
    const bool read_late = type == "CAPIClusterSummary" || type == "ServicesInReadyState";
    if (type == "Ready" || type == "Paused" || type == "Deleting" || read_late) continue;
    if (each["status"].str() != "True") return made(Phase::unknown, {}, each, deployment);
  }
  const Value ready = condition_of(deployment, "Ready");
  return made(Phase::installing, 95, "NotReadYet",
              "cluster and services are as they should be; KCM has not read that yet (it looks "
              "about once a minute); its last word is " +
                  text_of(ready),
              deployment);
}

// KCM has seen a Cluster that was not found here: its word counts, with this beside it.
void say_no_cluster(Assessment& out, Value deployment) {
  const Value metadata = deployment["metadata"];
  out.message.append("; no Cluster of namespace ").append(metadata["namespace"].str());
  out.message.append(" with the label helm.toolkit.fluxcd.io/name=");
  out.message.append(metadata["name"].str()).append(" was found, so this is KCM's word alone");
  out.severity = std::max(out.severity, Severity::warning);
  out.terminal = false;
}

// What the objects say, whatever KCM makes of it.
Assessment under_way(const Seen& seen, base::WallTime now) {
  const Value deployment = seen.deployment;
  if (deployment["spec"]["dryRun"].bool_or(false)) {
    return made(Phase::initializing, 5, "DryRun", "dry run: only validated, no cluster is made",
                deployment);
  }
  auto before = unprepared(deployment);
  if (!before) before = uninstalled(seen);
  if (before) return is_live(seen) ? change_of(seen, *std::move(before), now) : *std::move(before);
  if (auto out = behind(seen, now)) return *std::move(out);
  if (auto out = by_services(deployment)) return *std::move(out);
  const Value ready = condition_of(deployment, "Ready");
  if (ready["status"].str() != "True") return unread(deployment);
  Assessment out =
      made(Phase::ready, 100, ready["reason"].str(), "the cluster is ready", deployment);
  out.terminal = true;
  if (std::string unknown = unknown_reach(seen); !unknown.empty()) {
    out.reason = kReachUnknown;
    out.message =
        "KCM says that the cluster is ready, which of an adopted one means that its HelmRelease "
        "is installed; " +
        unknown;
    out.severity = Severity::warning;
    out.terminal = false;
  }
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

std::string message_of(Value deployment) {
  if (!deployment["metadata"]["deletionTimestamp"].str().empty())
    return deleting({.deployment = deployment}).message;
  if (kinds::is_outdated_deployment(deployment)) return outdated_text(deployment);
  return std::string(condition_of(deployment, "Ready")["message"].str());
}

bool is_stalled(Value release) {
  return is(release, "Stalled", "True") && !kinds::is_unapplied(release);
}

static Assessment assess_seen(const Seen& seen, base::WallTime now) {
  const Value deployment = seen.deployment;
  if (!deployment["metadata"]["deletionTimestamp"].str().empty()) return deleting(seen, now);
  const Value conditions = deployment["status"]["conditions"];
  if (conditions.size() == 0)
    return made(Phase::initializing, 5, "NotReconciled", "KCM has not looked at it yet",
                deployment);
  const Value ready = condition_of(deployment, "Ready");
  if (kinds::is_outdated_deployment(deployment)) {
    Assessment out = made(Phase::unknown, {}, "Outdated", outdated_text(deployment), deployment);
    out.severity = Severity::warning;
    return out;
  }
  if (conditions.size() == 1 && ready["status"].str() == "Unknown") {
    const std::string_view claim = deployment["spec"]["ipamClaim"]["ref"].str();
    const std::string what =
        claim.empty() ? std::string("an address claim") : "ClusterIPAMClaim " + std::string(claim);
    return made(Phase::initializing, 5, "NotReconciled",
                "KCM has set no condition yet; it may wait for " + what +
                    ", or for the Secret of a registry or certificate, which it does not say",
                deployment);
  }
  if (is_stalled(seen.release)) {
    Assessment out = made(Phase::failed, 0, condition_of(seen.release, "Stalled"), seen.release);
    const Value why = condition_of(seen.release, "Ready");
    if (!why["message"].str().empty()) out.message.append("; ").append(text_of(why));
    out.severity = Severity::error;
    out.terminal = true;
    return out;
  }
  const bool kcm_failed = ready["status"].str() == "False" && ready["reason"].str() == "Failed";
  if (auto halt = halt_of(seen)) return halted(under_way(seen, now), *std::move(halt));
  Assessment out = under_way(seen, now);
  if (auto halt = halt_of_part(seen, out.phase)) return halted(std::move(out), *std::move(halt));
  if (kcm_failed && !only_cluster_failed(seen, now)) out = failed(seen, now);
  if (out.phase == Phase::installing || out.phase == Phase::ready) {
    if (auto halt = halt_of_services(seen)) out = halted(std::move(out), *std::move(halt));
  }
  if (lacks_cluster(seen)) say_no_cluster(out, deployment);
  return out;
}

Assessment assess(const Seen& seen, base::WallTime now) {
  Assessment out = assess_seen(seen, now);
  if (out.phase == Phase::ready && (seen.stale || !seen.unread.empty())) out.terminal = false;
  if (!seen.unread.empty()) {
    out.message.append("; could not be read just now: ").append(seen.unread);
    out.severity = std::max(out.severity, Severity::warning);
  }
  return out;
}

}  // namespace deployments
