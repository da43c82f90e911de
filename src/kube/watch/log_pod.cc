#include "kube/watch/log_pod.h"

namespace kube::watch {

using base::json::Value;

namespace {

Value named(Value list, std::string_view name) {
  for (Value one : list.array()) {
    if (one["name"].str() == name) return one;
  }
  return {};
}

enum class Group : unsigned char { regular, init, ephemeral };

// Whether the kubelet will not restart the container after `terminated`. A sidecar (an init
// container that is always restarted) ends only with its pod.
bool ends_for_good(Value spec, Value container, Group group, Value terminated) {
  if (group == Group::ephemeral) return true;
  const bool failed = terminated["exitCode"].int_or(0) != 0;
  const std::string_view own = container["restartPolicy"].str();
  const std::string_view policy = own.empty() ? spec["restartPolicy"].str("Always") : own;
  if (policy == "Never") return true;
  if (group == Group::init && own.empty()) return !failed;
  return policy == "OnFailure" && !failed;
}

std::string finish_reason(Value terminated) {
  std::string text = "container finished";
  if (terminated) {
    text += " with exit code " + std::to_string(terminated["exitCode"].int_or(0));
    const std::string_view why = terminated["reason"].str();
    if (!why.empty()) text.append(" (").append(why).append(")");
  }
  return text;
}

}  // namespace

LogPod LogPod::of(Value pod, std::string_view container) {
  LogPod out;
  const Value spec = pod["spec"], status = pod["status"];
  out.uid = pod["metadata"]["uid"].str();
  Value declared, state, last, of_container;
  Group group = Group::regular;
  struct Place {
    Group group;
    std::string_view in_spec, in_status;
  };
  constexpr Place kPlaces[] = {
      {Group::regular, "containers", "containerStatuses"},
      {Group::init, "initContainers", "initContainerStatuses"},
      {Group::ephemeral, "ephemeralContainers", "ephemeralContainerStatuses"}};
  for (const auto& [its, in_spec, in_status] : kPlaces) {
    declared = named(spec[in_spec], container);
    if (!declared) continue;
    out.listed = true;
    group = its;
    of_container = named(status[in_status], container);
    state = of_container["state"];
    last = of_container["lastState"]["terminated"];
    break;
  }
  // The kubelet's choice.
  const Value terminated = state["terminated"];
  out.running = state["running"].present();
  out.previous = last["containerID"].str();
  if (out.running) {
    out.instance = of_container["containerID"].str();
    out.started = base::parse_rfc3339(state["running"]["startedAt"].str());
  } else {
    out.instance = terminated["containerID"].str(out.previous);
    if (out.instance.empty()) out.instance = out.previous;
  }
  out.restarts = of_container["restartCount"].int_or(0);
  if (out.running) return out;
  const std::string_view phase = status["phase"].str();
  const bool deleted = pod["metadata"]["deletionTimestamp"].present();
  out.finished = phase == "Succeeded" || phase == "Failed" || (deleted && terminated) ||
                 (terminated && ends_for_good(spec, declared, group, terminated));
  if (out.finished) {
    out.reason = deleted && phase != "Succeeded" && phase != "Failed" ? "pod deleted"
                                                                      : finish_reason(terminated);
    const std::string_view why = status["reason"].str();
    if (!why.empty()) out.reason.append("; pod ").append(why);
  }
  return out;
}

}  // namespace kube::watch
