#include "kinds/pod_state.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

namespace kinds {

using base::json::Value;

namespace {

// The reason that the kubelet or the node controller writes when a pod's node is unreachable.
constexpr std::string_view kNodeLost = "NodeLost";

// Whether each init container is a sidecar. A map, because a look-up in a list walks it.
std::map<std::string_view, bool> sidecars_of(Value pod) {
  std::map<std::string_view, bool> out;
  for (const Value each : pod["spec"]["initContainers"].array())
    out.try_emplace(each["name"].str(), each["restartPolicy"].str() == "Always");
  return out;
}

bool has_condition(Value pod, std::string_view type) {
  for (const Value each : pod["status"]["conditions"].array()) {
    if (each["type"].str() == type) return each["status"].str() == "True";
  }
  return false;
}

// "OOMKilled", "Signal:9", "ExitCode:1".
std::string end_of(Value terminated) {
  if (!terminated["reason"].str().empty()) return std::string(terminated["reason"].str());
  if (const std::int64_t signal = terminated["signal"].int_or(0); signal != 0)
    return "Signal:" + std::to_string(signal);
  return "ExitCode:" + std::to_string(terminated["exitCode"].int_or(0));
}

struct Restarts {
  std::int64_t count = 0;
  std::optional<base::WallTime> last;
  void add(Value container) {
    count += container["restartCount"].int_or(0);
    const auto ended =
        base::parse_rfc3339(container["lastState"]["terminated"]["finishedAt"].str());
    if (ended && (!last || *last < *ended)) last = ended;
  }
};

class Reader {
 public:
  explicit Reader(Value pod) : pod_(pod), status_(pod["status"]) {}

  PodState read() {
    state_.status = status_["phase"].str();
    if (const std::string_view reason = status_["reason"].str(); !reason.empty())
      state_.status = reason;
    for (const Value each : status_["conditions"].array()) {
      if (each["type"].str() == "PodScheduled" && each["reason"].str() == "SchedulingGated")
        state_.status = "SchedulingGated";
    }
    state_.containers = static_cast<std::int64_t>(pod_["spec"]["containers"].size());
    for (const Value each : pod_["spec"]["initContainers"].array()) {
      if (each["restartPolicy"].str() == "Always") ++state_.containers;
    }
    const bool initializing = read_init_containers();
    if (!initializing || has_condition(pod_, "Initialized")) {
      restarts_ = sidecars_;
      read_containers();
    }
    read_deletion();
    state_.restarts = restarts_.count;
    state_.last_restart = restarts_.last;
    return std::move(state_);
  }

 private:
  // Returns whether one has not finished; the first such decides the status.
  bool read_init_containers() {
    std::size_t at = 0;
    auto sidecars = sidecars_of(pod_);
    for (const Value container : status_["initContainerStatuses"].array()) {
      const std::size_t index = at++;
      const Value now = container["state"], terminated = now["terminated"];
      const bool sidecar = sidecars[container["name"].str()];
      restarts_.add(container);
      if (sidecar) sidecars_.add(container);
      if (terminated && terminated["exitCode"].int_or(0) == 0) continue;
      if (sidecar && container["started"].bool_or(false)) {
        if (container["ready"].bool_or(false)) ++state_.ready;
        continue;
      }
      const std::string_view waits = now["waiting"]["reason"].str();
      if (terminated) {
        state_.status = "Init:" + end_of(terminated);
      } else if (!waits.empty() && waits != "PodInitializing") {
        state_.status = "Init:" + std::string(waits);
      } else {
        state_.status = "Init:" + std::to_string(index) + "/" +
                        std::to_string(pod_["spec"]["initContainers"].size());
      }
      return true;
    }
    return false;
  }

  // From the last to the first, so that the first with a reason decides.
  void read_containers() {
    std::vector<Value> containers;
    for (const Value each : status_["containerStatuses"].array())
      containers.push_back(each);
    std::reverse(containers.begin(), containers.end());
    bool runs = false;
    for (const Value container : containers) {
      const Value now = container["state"];
      restarts_.add(container);
      if (!now["waiting"]["reason"].str().empty()) {
        state_.status = now["waiting"]["reason"].str();
      } else if (now["terminated"]) {
        state_.status = end_of(now["terminated"]);
      } else if (container["ready"].bool_or(false) && now["running"]) {
        runs = true;
        ++state_.ready;
      }
    }
    if (state_.status == "Completed" && runs)
      state_.status = has_condition(pod_, "Ready") ? "Running" : "NotReady";
  }

  void read_deletion() {
    if (pod_["metadata"]["deletionTimestamp"].str().empty()) return;
    const std::string_view phase = status_["phase"].str();
    if (status_["reason"].str() == kNodeLost) {
      state_.status = "Unknown";
    } else if (phase != "Failed" && phase != "Succeeded") {
      state_.status = "Terminating";
    }
  }

  const Value pod_, status_;
  PodState state_;
  Restarts restarts_, sidecars_;
};

}  // namespace

PodState read_pod(Value pod) {
  return Reader(pod).read();
}

}  // namespace kinds
