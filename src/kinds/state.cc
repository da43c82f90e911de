#include "kinds/state.h"

#include <cstdint>

#include "base/text.h"
#include "kinds/table.h"

namespace kinds {

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

std::string by_flag(Value object, std::string_view flag, std::string_view yes,
                    std::string_view no) {
  const auto value = object["status"][flag].as_bool();
  return std::string(!value ? "pending" : *value ? yes : no);
}

bool is_outdated(Value object) {
  const auto seen = object["status"]["observedGeneration"].as_int();
  return seen && *seen < object["metadata"]["generation"].int_or(0);
}

}  // namespace

std::string condition_state(Value object) {
  const std::string_view ready = condition(object, "Ready")["status"].str();
  if (ready == "True") return "ready";
  if (ready == "False") return "failed";
  return ready.empty() ? "pending" : "progressing";
}

std::string valid_state(Value object) {
  return by_flag(object, "valid", "valid", "invalid");
}

std::string ready_state(Value object) {
  return by_flag(object, "ready", "ready", "failed");
}

std::string bound_state(Value object) {
  return by_flag(object, "bound", "bound", "pending");
}

std::string phase_state(Value object) {
  const std::string phase = base::to_lower(object["status"]["phase"].str());
  return phase.empty() ? "pending" : phase;
}

bool is_unapplied(Value object) {
  return is_outdated(object);
}

// What fails is tried again and has a condition of its generation long before the status has it.
std::string flux_state(Value object) {
  const std::string state = condition_state(object);
  if (state == "pending" || !is_unapplied(object)) return state;
  const std::int64_t generation = object["metadata"]["generation"].int_or(0);
  const auto of = condition(object, "Ready")["observedGeneration"].as_int();
  return state == "failed" && (!of || *of >= generation) ? state : "progressing";
}

// OCI HelmRepositories have no status, or the one that their CRD begins with: no state rather than
// "pending" for ever.
std::string helm_repository_state(Value object) {
  const Value status = object["status"];
  const bool is_oci = object["spec"]["type"].str() == "oci";
  const bool never = status.size() == 0 || (is_oci && status["conditions"].size() == 0);
  return never ? std::string() : flux_state(object);
}

static std::string of_deleting(const Kind& kind, Value object) {
  if (kind.state != deployment_state) return "deleting";
  const bool stuck =
      condition(object, "Deleting")["reason"].str() == "Failed" || is_credential_missing(object);
  return stuck ? "stuck-deleting" : "deleting";
}

// KCM has one reason for both; its text tells them apart: "failed to get Credential …: … not
// found", "the Credential … is not ready".
bool is_credential_missing(Value object) {
  const Value ready = condition(object, "CredentialReady");
  return ready["status"].str() == "False" &&
         ready["message"].str().find("not found") != std::string_view::npos;
}

bool is_outdated_deployment(Value object) {
  if (is_outdated(object)) return true;
  const std::int64_t generation = object["metadata"]["generation"].int_or(0);
  bool any = false;
  for (const Value each : object["status"]["conditions"].array()) {
    if (each["type"].str() == "Ready") continue;
    const auto seen = each["observedGeneration"].as_int();
    if (seen && *seen >= generation) return false;
    any = any || seen.has_value();
  }
  return any;
}

std::string deployment_state(Value object) {
  if (object["status"].size() == 0 || is_outdated_deployment(object)) return "pending";
  if (is(object, "Paused", "True")) return "paused";
  if (object["spec"]["dryRun"].bool_or(false)) return "dry-run";
  const Value ready = condition(object, "Ready");
  if (ready["status"].str() == "True") return "ready";
  const bool failed = ready["status"].str() == "False" && ready["reason"].str() == "Failed";
  return failed ? "failed" : "progressing";
}

// A rollout in progress makes Ready False, too: the object failed only when something else is
// wrong.
std::string multi_cluster_state(Value object) {
  if (object["status"].size() == 0 || is_outdated(object)) return "pending";
  std::string state = condition_state(object);
  if (state != "failed") return state;
  for (Value c : object["status"]["conditions"].array()) {
    const std::string_view type = c["type"].str();
    if (c["status"].str() == "False" && type != "Ready" && type != "ClusterInReadyState")
      return "failed";
  }
  return "progressing";
}

std::string service_set_state(Value object) {
  const Value status = object["status"];
  if (status.size() == 0) return "pending";
  if (status["deployed"].bool_or(false)) return "ready";
  for (Value service : status["services"].array()) {
    if (service["state"].str() == "Failed") return "failed";
  }
  return is(object, "ServiceSetProfile", "False") ? "failed" : "progressing";
}

std::string sveltos_cluster_state(Value object) {
  const Value status = object["status"];
  if (status["connectionStatus"].str() == "Down") return "failed";
  return by_flag(object, "ready", "ready", "progressing");
}

std::string cluster_summary_state(Value object) {
  bool whole = true, any = false;
  for (Value feature : object["status"]["featureSummaries"].array()) {
    const std::string_view status = feature["status"].str();
    if (status.starts_with("Failed")) return "failed";
    whole = whole && status == "Provisioned";
    any = true;
  }
  return !any ? "pending" : whole ? "ready" : "progressing";
}

std::string backup_state(Value object) {
  const std::string_view phase = object["status"]["lastBackup"]["phase"].str();
  if (phase == "Completed") return "ready";
  if (phase.find("Failed") != phase.npos) return "failed";
  return phase.empty() ? "pending" : "progressing";
}

std::string state_of(const Kind& kind, Value object) {
  const bool deleting = !object["metadata"]["deletionTimestamp"].str().empty();
  if (deleting && kind.state != pod_word) return of_deleting(kind, object);
  return kind.state ? kind.state(object) : std::string();
}

}  // namespace kinds
