// The phase of a cluster that is being made, upgraded or removed: read from the conditions of the
// ClusterDeployment and of the objects behind it. Events have no say: they are old news, about
// whatever they are about. Pure: no clock, no loop.
//
// The first that holds:
//
//   deleting                                    Deleting       what it waits for; a warning when it
//                                                              takes long
//   no status, or no condition yet              Initializing
//   the status, or every condition but Ready,   Unknown        Outdated: it says nothing about the
//     is of an older generation                                spec as it is now
//   the HelmRelease will not try again          Failed         terminal
//   Cluster, what it is made of,                (as below)     Paused, Suspended: nothing happens
//     SveltosCluster or Region paused,
//     HelmRelease suspended
//   Ready False, reason Failed                  Failed         terminal only if Cluster API says so
//   template, Credential or chart not ready,    Initializing   of a cluster that is up: its phase,
//     no HelmRelease, or it is at work                         Scaling at most: it is upgraded
//   Cluster, SveltosCluster                     cluster_phase.h
//   a service not deployed, or not reported     Installing
//   Ready not True                              Installing     NotReadYet: KCM has to look again
//   Ready True                                  Ready          terminal; but of an adopted cluster
//                                                              whose SveltosCluster is not read
//                                                              not: ReachUnknown, a warning
//   a condition that is not known here          Unknown
//
// Installing and Ready, with services whose ServiceSet is paused or not selected, or whose
// StateManagementProvider is suspended or not ready: Paused, NotSelected, Suspended, NotReady.
//
// Terminal means: nothing more happens until something is changed. A failure that its
// controller tries again is not terminal.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/time.h"

namespace deployments {

enum class Phase : unsigned char {
  unknown,
  initializing,
  provisioning,
  bootstrapping,
  scaling,
  installing,
  ready,
  failed,
  deleting,
};
std::string_view to_string(Phase phase);  // "Provisioning"

enum class Severity : unsigned char { info, warning, error };
std::string_view to_string(Severity severity);

// What the phase is read from; absent: not there, or not known.
struct Seen {
  base::json::Value deployment;
  base::json::Value release = {}, cluster = {}, sveltos = {};
  // Its ServiceSets, a list; and the StateManagementProvider that its services are for.
  base::json::Value service_sets = {}, provider = {};
  // What its Cluster consists of: the control plane and infrastructure objects, and a list of MachineDeployments.
  base::json::Value control_plane = {}, infrastructure = {}, machine_deployments = {};
  base::json::Value credential = {};
  bool credential_absent = false;  // it is known that there is none
  // Whether an absent `cluster` or `sveltos` means that there is none. False: it may not be seen;
  // then the summary that KCM writes into the ClusterDeployment is read instead.
  bool cluster_known = false, sveltos_known = false;
  // Kinds that could not be read yet, though they may be seen: "Cluster, HelmRelease"; they are read
  // again. And whether others are as they were last seen. Until then a ready cluster may be none.
  std::string unread = {};
  bool stale = false;
};

// The reason of a cluster that is ready by KCM's word, but of which is not known whether it can be reached.
constexpr std::string_view kReachUnknown = "ReachUnknown";

struct Assessment {
  Phase phase = Phase::unknown;
  std::optional<int> progress;  // per cent; a phase that has none leaves it out
  std::string reason, message;
  Severity severity = Severity::info;
  bool terminal = false;
  base::json::Value about = {};  // the object whose condition decided
};

// Requires: seen.deployment is present. `seen`'s documents must outlive the result.
Assessment assess(const Seen& seen, base::WallTime now);

// What explains the state word of a ClusterDeployment: the message of Ready, but for one that is
// deleted (what it waits for) or outdated, of which Ready says what was.
std::string message_of(base::json::Value deployment);
// Requires: kinds::is_outdated_deployment(deployment).
std::string outdated_text(base::json::Value deployment);

// Whether a HelmRelease has {Stalled True} at its present generation: Flux will not try again by
// itself.
bool is_stalled(base::json::Value release);

}  // namespace deployments
