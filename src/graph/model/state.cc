// node_state (node.h): the short state of an object, from its own status alone.
#include "base/text.h"
#include "graph/model/node.h"

namespace graph::model {

using base::json::Value;

namespace {

Value condition(Value object, std::string_view type) {
  for (Value c : object["status"]["conditions"].array()) {
    if (c["type"].str() == type) return c;
  }
  return {};
}

bool is(Value object, std::string_view type, std::string_view status) {
  return condition(object, type)["status"].str() == status;
}

std::string by_ready_condition(Value object) {
  const std::string_view ready = condition(object, "Ready")["status"].str();
  if (ready == "True") return "ready";
  if (ready == "False") return "failed";
  return ready.empty() ? "pending" : "progressing";
}

std::string by_flag(Value object, std::string_view flag, std::string_view yes,
                    std::string_view no) {
  const auto value = object["status"][flag].as_bool();
  return std::string(!value ? "pending" : *value ? yes : no);
}

bool is_outdated(Value object) {
  const auto seen = object["status"]["observedGeneration"].as_int();
  return seen && *seen < object["metadata"]["generation"].int_or(0);
}

std::string of_deleting(const Kind& kind, Value object) {
  if (kind.type != "ClusterDeployment") return "deleting";
  const bool stuck = condition(object, "Deleting")["reason"].str() == "Failed" ||
                     is(object, "CredentialReady", "False");
  return stuck ? "stuck-deleting" : "deleting";
}

std::string of_deployment(Value object) {
  if (object["status"].size() == 0 || is_outdated(object)) return "pending";
  if (is(object, "Paused", "True")) return "paused";
  if (object["spec"]["dryRun"].bool_or(false)) return "dry-run";
  const Value ready = condition(object, "Ready");
  if (ready["status"].str() == "True") return "ready";
  const bool failed = ready["status"].str() == "False" && ready["reason"].str() == "Failed";
  return failed ? "failed" : "progressing";
}

// A rollout in progress makes Ready False, too: the object failed only when something else is
// wrong.
std::string of_multi_cluster(Value object) {
  if (object["status"].size() == 0 || is_outdated(object)) return "pending";
  std::string state = by_ready_condition(object);
  if (state != "failed") return state;
  for (Value c : object["status"]["conditions"].array()) {
    const std::string_view type = c["type"].str();
    if (c["status"].str() == "False" && type != "Ready" && type != "ClusterInReadyState")
      return "failed";
  }
  return "progressing";
}

std::string of_service_set(Value object) {
  const Value status = object["status"];
  if (status.size() == 0) return "pending";
  if (status["deployed"].bool_or(false)) return "ready";
  for (Value service : status["services"].array()) {
    if (service["state"].str() == "Failed") return "failed";
  }
  return is(object, "ServiceSetProfile", "False") ? "failed" : "progressing";
}

std::string of_sveltos_cluster(Value object) {
  const Value status = object["status"];
  if (status["connectionStatus"].str() == "Down") return "failed";
  return by_flag(object, "ready", "ready", "progressing");
}

std::string of_summary(Value object) {
  bool whole = true, any = false;
  for (Value feature : object["status"]["featureSummaries"].array()) {
    const std::string_view status = feature["status"].str();
    if (status.starts_with("Failed")) return "failed";
    whole = whole && status == "Provisioned";
    any = true;
  }
  return !any ? "pending" : whole ? "ready" : "progressing";
}

std::string of_backup(Value object) {
  const std::string_view phase = object["status"]["lastBackup"]["phase"].str();
  if (phase == "Completed") return "ready";
  if (phase.find("Failed") != phase.npos) return "failed";
  return phase.empty() ? "pending" : "progressing";
}

std::string phase_of(Value object) {
  const std::string phase = base::to_lower(object["status"]["phase"].str());
  return phase.empty() ? "pending" : phase;
}

}  // namespace

std::string node_state(const Kind& kind, Value object) {
  const std::string_view type = kind.type;
  if (!object["metadata"]["deletionTimestamp"].str().empty()) return of_deleting(kind, object);
  if (kind.policy == KindPolicy::lookup) return {};  // only its metadata was read
  if (type == "ClusterDeployment") return of_deployment(object);
  if (type == "MultiClusterService") return of_multi_cluster(object);
  if (type == "ServiceSet") return of_service_set(object);
  if (type.ends_with("Template") || type.ends_with("TemplateChain"))
    return by_flag(object, "valid", "valid", "invalid");
  if (type == "Credential" || type == "Release" || type == "StateManagementProvider" ||
      type == "ClusterDataSource")
    return by_flag(object, "ready", "ready", "failed");
  if (type == "ClusterIPAMClaim") return by_flag(object, "bound", "bound", "pending");
  if (type == "ClusterIPAM" || type == "Cluster" || type == "Machine") return phase_of(object);
  if (type == "ManagementBackup") return of_backup(object);
  if (type == "SveltosCluster") return of_sveltos_cluster(object);
  if (type == "ClusterSummary") return of_summary(object);
  // OCI HelmRepositories have no status at all: no state rather than "pending" for ever.
  if (type == "HelmRepository" && object["status"].size() == 0) return {};
  const bool conditions = type == "Management" || type == "Region" || type == "HelmRelease" ||
                          kind.group == "source.toolkit.fluxcd.io";
  return conditions ? by_ready_condition(object) : std::string();
}

}  // namespace graph::model
