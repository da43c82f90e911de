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
  std::string_view reason;  // Paused, Suspended, NotReady, NotSelected
  std::string what;  // "the HelmRelease is suspended (spec.suspend): Flux does nothing for it"
  base::json::Value about;
};

// What halts the cluster itself: its Region, Cluster or SveltosCluster is paused, its HelmRelease
// suspended.
std::optional<Halt> halt_of(const Seen& seen);
// What halts a part of it that a cluster in this phase waits for: infrastructure, control plane or
// a MachineDeployment is paused.
std::optional<Halt> halt_of_part(const Seen& seen, Phase phase);
// An object of Cluster API is paused by its annotation, a MachineDeployment also by its spec.
std::optional<Halt> halt_of_object(base::json::Value object);
// What halts its services only. nullopt: also when it has none.
std::optional<Halt> halt_of_services(const Seen& seen);
std::optional<Halt> halt_of_release(base::json::Value release);
// A ServiceSet is paused by its annotation, or reported as suspended.
std::optional<Halt> halt_of_set(base::json::Value service_set);
// A ServiceSet has no status, and the selector of its provider does not match it: KSM passes it by.
std::optional<Halt> halt_of_unselected(base::json::Value service_set, base::json::Value provider);
// A StateManagementProvider is suspended, or not ready.
std::optional<Halt> halt_of_provider(base::json::Value provider);

// An assessment of what waits: not terminal, with what it waits for.
Assessment halted(Assessment before, Halt halt);

}  // namespace deployments
