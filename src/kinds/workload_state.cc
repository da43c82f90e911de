// State words of what runs in the management cluster itself, and of control planes.
#include <cstdint>

#include "kinds/pod_state.h"
#include "kinds/state.h"

namespace kinds {

using base::json::Value;

namespace {

Value condition(Value object, std::string_view type) {
  for (const Value each : object["status"]["conditions"].array()) {
    if (each["type"].str() == type) return each;
  }
  return {};
}

bool is(Value object, std::string_view type, std::string_view status) {
  return condition(object, type)["status"].str() == status;
}

// An API server leaves out counts of zero.
std::int64_t count(Value object, std::string_view name) {
  return object["status"][name].int_or(0);
}

bool unseen(Value object) {
  const Value status = object["status"];
  return status.size() == 0 ||
         status["observedGeneration"].int_or(0) < object["metadata"]["generation"].int_or(0);
}

std::string word(bool all) {
  return all ? "ready" : "progressing";
}

}  // namespace

std::string pod_word(Value object) {
  return read_pod(object).status;
}

std::string apps_deployment_state(Value object) {
  if (unseen(object)) return "pending";
  if (condition(object, "Progressing")["reason"].str() == "ProgressDeadlineExceeded")
    return "failed";
  const std::int64_t wanted = object["spec"]["replicas"].int_or(1);
  const std::int64_t updated = count(object, "updatedReplicas");
  // Old ones that still run count in `replicas`.
  return word(updated >= wanted && count(object, "replicas") <= updated &&
              count(object, "availableReplicas") >= updated);
}

std::string daemon_set_state(Value object) {
  if (unseen(object)) return "pending";
  const std::int64_t wanted = count(object, "desiredNumberScheduled");
  const bool on_delete = object["spec"]["updateStrategy"]["type"].str() == "OnDelete";
  return word((on_delete || count(object, "updatedNumberScheduled") >= wanted) &&
              count(object, "numberAvailable") >= wanted);
}

std::string stateful_set_state(Value object) {
  if (unseen(object)) return "pending";
  const Value status = object["status"], strategy = object["spec"]["updateStrategy"];
  const bool by_hand =
      strategy["type"].str() == "OnDelete" || strategy["rollingUpdate"]["partition"].int_or(0) > 0;
  const bool updated = by_hand || status["updateRevision"].str() == status["currentRevision"].str();
  return word(updated && count(object, "readyReplicas") >= object["spec"]["replicas"].int_or(1));
}

std::string job_state(Value object) {
  if (is(object, "Complete", "True")) return "complete";
  if (is(object, "Failed", "True")) return "failed";
  if (is(object, "Suspended", "True")) return "suspended";
  return object["status"].size() == 0 ? "pending" : "progressing";
}

std::string control_plane_state(Value object) {
  const Value status = object["status"];
  const auto observed = status["observedGeneration"].as_int();
  const bool outdated = observed && *observed < object["metadata"]["generation"].int_or(0);
  if (status.size() == 0 || outdated) return "pending";
  // v1beta2's, and v1beta1's.
  for (const std::string_view type : {"Available", "Ready"}) {
    if (const Value found = condition(object, type)) return word(found["status"].str() == "True");
  }
  return word(status["ready"].bool_or(false));
}

}  // namespace kinds
