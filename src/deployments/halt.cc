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
  return halt_of_release(seen.release);
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
  if (!provider["spec"]["suspend"].bool_or(false)) return std::nullopt;
  return Halt{"Suspended",
              named("StateManagementProvider", provider) +
                  " is suspended (spec.suspend): services stay as they are",
              provider};
}

std::optional<Halt> halt_of_services(const Seen& seen) {
  if (services_of(seen.deployment).empty()) return std::nullopt;
  if (auto halt = halt_of_provider(seen.provider)) return halt;
  for (const Value set : seen.service_sets.array()) {
    if (auto halt = halt_of_set(set)) return halt;
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
