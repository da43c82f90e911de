// What keeps a controller from going on with a ClusterDeployment because it was told so: the places
// of pausing and suspension that its objects show. All that such an object says is old. Internal to
// the folder.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "deployments/phase.h"

namespace deployments {

struct Halt {
  std::string_view reason;  // Paused, Suspended
  std::string what;  // "the HelmRelease is suspended (spec.suspend): Flux does nothing for it"
  base::json::Value about;
};

// What halts the cluster itself: its Region or Cluster is paused, its HelmRelease suspended.
std::optional<Halt> halt_of(const Seen& seen);
// What halts its services only. nullopt: also when it has none.
std::optional<Halt> halt_of_services(const Seen& seen);
std::optional<Halt> halt_of_release(base::json::Value release);
// A ServiceSet is paused by its annotation, or reported as suspended.
std::optional<Halt> halt_of_set(base::json::Value service_set);
// A StateManagementProvider is suspended.
std::optional<Halt> halt_of_provider(base::json::Value provider);

// An assessment of what waits: not terminal, with what it waits for.
Assessment halted(Assessment before, Halt halt);

}  // namespace deployments
