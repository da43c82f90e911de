#include "sim/conditions.h"

#include <algorithm>

#include "base/text.h"

namespace sim {
namespace {

using base::json::Value;
using base::json::Writer;

constexpr base::Duration kClusterMayTake = base::minutes(30);

}  // namespace

Conditions::Conditions(Value list, base::WallTime now, std::int64_t generation)
    : now_(now), generation_(generation) {
  for (const Value one : list.array()) {
    list_.push_back({std::string(one["type"].str()), std::string(one["status"].str()),
                     std::string(one["reason"].str()), std::string(one["message"].str()),
                     std::string(one["lastTransitionTime"].str()),
                     one["observedGeneration"].int_or(0)});
  }
}

const Conditions::One* Conditions::find(std::string_view type) const {
  for (const One& one : list_)
    if (one.type == type) return &one;
  return nullptr;
}

void Conditions::set(std::string_view type, std::string_view status, std::string_view reason,
                     std::string_view message) {
  auto one = std::find_if(list_.begin(), list_.end(),
                          [type](const One& each) { return each.type == type; });
  if (one == list_.end()) one = list_.insert(one, {.type = std::string(type)});
  if (one->status != status) one->since = base::format_rfc3339(now_, 0);
  one->status = status;
  one->reason = reason;
  one->message = message;
  one->generation = generation_;
}

bool Conditions::is_true(std::string_view type) const {
  const One* one = find(type);
  return one && one->status == "True";
}

bool Conditions::failed(const One& one) const {
  if (one.type == "Paused") return one.status == "True";
  if (one.status != "False" || one.type == "ServicesInReadyState") return false;
  if (one.type != "CAPIClusterSummary") return true;
  const auto since = base::parse_rfc3339(one.since);
  return since && now_.ns - since->ns > kClusterMayTake.count();
}

void Conditions::set_ready() {
  std::vector<std::string> failures, warnings;
  bool any = false, unknown = false;
  for (const One& one : list_) {
    if (one.type == "Ready" || one.type == "Deleting") continue;
    any = true;
    unknown = unknown || one.status == "Unknown";
    const bool services = one.type == "ServicesInReadyState";
    if (failed(one)) {
      failures.push_back(one.message);
    } else if (one.status == "False" && one.type != "Paused") {
      warnings.push_back(services ? one.message + " Services are ready." : one.message);
    }
  }
  const One* deleting = find("Deleting");
  if (deleting && deleting->status == "True") {
    return set("Ready", "False", "Deleting", std::string(deleting->message));
  }
  if (!failures.empty()) return set("Ready", "False", "Failed", base::join(failures, ". "));
  if (!warnings.empty()) return set("Ready", "False", "Progressing", base::join(warnings, ". "));
  if (unknown || !any) return set("Ready", "Unknown", "Progressing", "Object is not ready yet");
  set("Ready", "True", "Succeeded", "Object is ready");
}

std::string Conditions::json() const {
  std::string out;
  Writer w(out);
  w.begin_array();
  for (const One& one : list_) {
    w.begin_object().field("type", one.type).field("status", one.status);
    w.field("reason", one.reason).field("message", one.message);
    w.field("lastTransitionTime", one.since);
    if (one.generation > 0) w.field("observedGeneration", one.generation);
    w.end_object();
  }
  w.end_array();
  return out;
}

}  // namespace sim
