// State words (kind.h): functions for the table's rows. Each but pod_word() looks at an object that
// is not being deleted.
#pragma once

#include <string>

#include "base/json.h"

namespace kinds {

std::string deployment_state(base::json::Value object);  // ClusterDeployment
// Its status is about an older spec. The controller can fail before it touches a condition, and
// still writes observedGeneration to the status and to Ready: then the other conditions are the
// older ones.
bool is_outdated_deployment(base::json::Value object);
// KCM did not find its Credential when it last looked. One that is there and is not ready does not
// stop a deletion.
bool is_credential_missing(base::json::Value object);
std::string multi_cluster_state(base::json::Value object);  // MultiClusterService
std::string service_set_state(base::json::Value object);
std::string backup_state(base::json::Value object);  // ManagementBackup
std::string sveltos_cluster_state(base::json::Value object);
std::string cluster_summary_state(base::json::Value object);
std::string valid_state(base::json::Value object);      // status.valid: templates and chains
std::string ready_state(base::json::Value object);      // status.ready
std::string bound_state(base::json::Value object);      // status.bound
std::string phase_state(base::json::Value object);      // status.phase in lower case
std::string condition_state(base::json::Value object);  // condition Ready
// Flux's kinds: ready means the spec as it is now.
std::string flux_state(base::json::Value object);
std::string helm_repository_state(base::json::Value object);
// Flux has not acted on the spec as it is now: Ready True of the object says nothing about it. It
// writes status.observedGeneration when it is done; -1 is "never".
bool is_unapplied(base::json::Value object);

// A workload is, by the rules of `kubectl rollout status`: pending (a change is not acted on),
// progressing (not all replicas are up to date and available), ready, failed.
std::string apps_deployment_state(base::json::Value object);  // apps' Deployment
std::string daemon_set_state(base::json::Value object);
std::string stateful_set_state(base::json::Value object);
std::string job_state(base::json::Value object);  // also complete, suspended
std::string control_plane_state(base::json::Value object);
// kubectl's STATUS (pod_state.h). Also of a pod that is being deleted: "Terminating".
std::string pod_word(base::json::Value object);

}  // namespace kinds
