// The update about a ClusterDeployment's progress: what getState answers, and what the resource
// k0rdent://cluster-monitor/… reads and sends.
//
//   {"timestamp","phase","progress","reason","message","source","severity","terminal","metadata",
//    "relatedObject","conditions","services","reasons"}
//
// `reasons` (getState only): what is wrong with the objects behind it, worst first.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "answer/conditions.h"
#include "base/json.h"
#include "base/time.h"
#include "deployments/phase.h"
#include "deployments/services.h"

namespace deployments {

// What is wrong with one object.
struct Reason {
  std::string object;  // "MachineDeployment kcm-system/prod-md"
  std::string type;    // the condition's; "" for an event, or a machine's phase
  std::string reason, message, since;
  Severity severity = Severity::warning;
  // It says why the cluster is not as far as it should be, where the Cluster says only that it is
  // not.
  bool is_cause = false;
};

// Limit on a reason's message: a cloud's refusal, quota and all.
constexpr std::size_t kReasonBytes = 1024;
// A text as it is, or its beginning and its end around "…", `most` bytes at most: what is asked for
// stands first, and why it is refused last.
std::string cut_middle(std::string_view text, std::size_t most);

// How many of each list an update has at most: far more than a cluster has.
struct UpdateLimits {
  std::size_t conditions = 100, services = 200, reasons = 25;
};

// The lists of an update, worst first; views into the deployment. They are made once for all texts
// of it: each may have thousands.
struct UpdateLists {
  std::vector<answer::Weighed> conditions;
  std::vector<Service> services;
};
UpdateLists update_lists(base::json::Value deployment, base::WallTime now);

struct Update {
  const Assessment* assessment = nullptr;
  base::json::Value deployment;
  const UpdateLists* lists = nullptr;
  std::string_view source = "condition";  // or "system"
  const std::vector<Reason>* reasons = nullptr;
  UpdateLimits limits = {};
};

// `stamped` false: without "timestamp", so that equal updates have equal texts.
std::string update_json(const Update& update, base::WallTime now, bool stamped = true);

// "MachineDeployment kcm-system/prod-md".
std::string object_text(base::json::Value object);

}  // namespace deployments
