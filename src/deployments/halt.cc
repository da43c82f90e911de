#include "deployments/halt.h"

#include <algorithm>
#include <utility>

#include "deployments/cluster_phase.h"
#include "deployments/services.h"

namespace deployments {

using base::json::Value;

namespace {

// Its presence counts, whatever its value.
constexpr std::string_view kPausedAnnotation = "k0rdent.mirantis.com/service-set-paused";

constexpr std::string_view kCapiPaused = "cluster.x-k8s.io/paused";

std::string named(std::string_view kind, Value object) {
  return std::string(kind).append(" ").append(object["metadata"]["name"].str());
}

}  // namespace

std::optional<Halt> halt_of(const Seen& seen) {
  const Value about = seen.cluster ? seen.cluster : seen.deployment;
  if (is(seen.deployment, "Paused", "True"))
    return Halt{"Paused", "its Region is paused: KCM does nothing for it", about};
  if (seen.cluster["spec"]["paused"].bool_or(false) || is(seen.cluster, "Paused", "True"))
    return Halt{"Paused", "the Cluster is paused: Cluster API does nothing for it", about};
  if (!seen.cluster && seen.sveltos["spec"]["paused"].bool_or(false)) {
    return Halt{"Paused", "the SveltosCluster is paused (spec.paused): Sveltos does nothing for it",
                seen.sveltos};
  }
  return halt_of_release(seen.release);
}

std::optional<Halt> halt_of_object(Value object) {
  const std::string name = named(object["kind"].str(), object);
  if (object["metadata"]["annotations"][kCapiPaused].present()) {
    return Halt{"Paused",
                name + " is paused (annotation " + std::string(kCapiPaused) +
                    "): its controller does nothing for it",
                object};
  }
  if (object["kind"].str() != "MachineDeployment" || !object["spec"]["paused"].bool_or(false))
    return std::nullopt;
  return Halt{"Paused", name + " is paused (spec.paused): its machines stay as they are", object};
}

std::optional<Halt> halt_of_part(const Seen& seen, Phase phase) {
  if (phase == Phase::initializing || phase == Phase::failed) return std::nullopt;
  // A cluster that is up waits for none of them, and its next change for all.
  const bool up = phase == Phase::installing || phase == Phase::ready;
  if (up || phase == Phase::provisioning) {
    if (auto halt = halt_of_object(seen.infrastructure)) return halt;
  }
  if (phase != Phase::provisioning) {
    if (auto halt = halt_of_object(seen.control_plane)) return halt;
  }
  if (!up && phase != Phase::scaling) return std::nullopt;
  for (const Value each : seen.machine_deployments.array()) {
    if (auto halt = halt_of_object(each)) return halt;
  }
  return std::nullopt;
}

std::optional<Halt> halt_of_release(Value release) {
  if (!release["spec"]["suspend"].bool_or(false)) return std::nullopt;
  return Halt{"Suspended", "the HelmRelease is suspended (spec.suspend): Flux does nothing for it",
              release};
}

std::optional<Halt> halt_of_set(Value set) {
  const std::string name = named("ServiceSet", set);
  if (set["metadata"]["annotations"][kPausedAnnotation].present()) {
    return Halt{"Paused",
                name + " is paused (annotation " + std::string(kPausedAnnotation) +
                    "): its services stay as they are",
                set};
  }
  if (!set["status"]["provider"]["suspended"].bool_or(false)) return std::nullopt;
  return Halt{"Suspended",
              "StateManagementProvider " + std::string(set["spec"]["provider"]["name"].str()) +
                  " of " + name + " is suspended: its services stay as they are",
              set};
}

std::optional<Halt> halt_of_provider(Value provider) {
  const std::string name = named("StateManagementProvider", provider);
  if (provider["spec"]["suspend"].bool_or(false)) {
    return Halt{"Suspended", name + " is suspended (spec.suspend): services stay as they are",
                provider};
  }
  if (provider["status"]["ready"].bool_or(true)) return std::nullopt;
  std::string why;
  for (const Value each : provider["status"]["conditions"].array()) {
    if (each["status"].str() == "True" || each["type"].str() == "Ready") continue;
    why = "; " + text_of(each);
    break;
  }
  return Halt{"NotReady", name + " is not ready: services stay as they are" + why, provider};
}

std::optional<Halt> halt_of_unselected(Value set, Value provider) {
  if (!provider || set["status"].size() > 0) return std::nullopt;
  const Value labels = set["metadata"]["labels"];
  for (const auto [key, value] : provider["spec"]["selector"]["matchLabels"].object()) {
    if (labels[key].str() == value.str() && labels[key].present()) continue;
    return Halt{"NotSelected",
                named("ServiceSet", set) + " has no status: the selector of " +
                    named("StateManagementProvider", provider) + " wants the label " +
                    std::string(key) + "=" + std::string(value.str()) +
                    ", which it lacks; its services are not deployed",
                set};
  }
  return std::nullopt;
}

std::optional<Halt> halt_of_services(const Seen& seen) {
  if (services_of(seen.deployment).empty()) return std::nullopt;
  if (auto halt = halt_of_provider(seen.provider)) return halt;
  for (const Value set : seen.service_sets.array()) {
    if (auto halt = halt_of_set(set)) return halt;
    if (auto halt = halt_of_unselected(set, seen.provider)) return halt;
  }
  return std::nullopt;
}

Assessment halted(Assessment before, Halt halt) {
  before.message = std::move(halt.what) + "; before that: " + before.message;
  before.reason = halt.reason;
  before.about = halt.about;
  before.severity = std::max(before.severity, Severity::warning);
  before.terminal = false;
  return before;
}

}  // namespace deployments
