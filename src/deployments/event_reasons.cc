#include "deployments/event_reasons.h"

#include <algorithm>
#include <utility>

#include "answer/conditions.h"

namespace deployments {

using base::WallTime;
using base::json::Value;

namespace {

constexpr std::size_t kEvents = 8;

WallTime time_of(Value event) {
  WallTime latest;
  for (const Value each : {event["series"]["lastObservedTime"], event["eventTime"],
                           event["lastTimestamp"], event["firstTimestamp"]}) {
    if (const auto at = base::parse_rfc3339(each.str())) latest = std::max(latest, *at);
  }
  return latest;
}

WallTime parsed(Value time) {
  return base::parse_rfc3339(time.str()).value_or(WallTime());
}

bool is_of_another(Value event, const Machines::Known& object) {
  const std::string_view uid = event["involvedObject"]["uid"].str();
  if (!uid.empty() && !object.uid.empty()) return uid != object.uid;
  return time_of(event) < object.created;
}

// The API server refused a write of an object that had changed: every controller tries it again.
bool is_conflict(Value event) {
  return event["message"].str().find("the object has been modified; please apply your changes") !=
         std::string_view::npos;
}

}  // namespace

void EventReasons::know(Value object) {
  const Value metadata = object["metadata"];
  Machines::Known known = {
      std::string(metadata["uid"].str()), parsed(metadata["creationTimestamp"]), {}};
  for (const Value each : object["status"]["conditions"].array()) {
    if (each["status"].str() == "True" && answer::weight_of(each, now_) == answer::Weight::good)
      known.well = std::max(known.well, parsed(each["lastTransitionTime"]));
  }
  known_[std::string(object["kind"].str()).append("/").append(metadata["name"].str())] =
      std::move(known);
}

const Machines::Known* EventReasons::find(std::string_view kind, std::string_view name) const {
  const auto found = known_.find(std::string(kind).append("/").append(name));
  return found != known_.end() ? &found->second : joined_.machines().find(kind, name);
}

// A name that begins alike is another cluster's.
std::vector<Reason> EventReasons::reasons() {
  struct Found {
    WallTime at;
    Value event;
  };
  std::vector<Found> found;
  for (const Value event : joined_.warnings().array()) {
    const Value about = event["involvedObject"];
    const Machines::Known* object = find(about["kind"].str(), about["name"].str());
    if (!object || is_of_another(event, *object) || is_conflict(event)) continue;
    const WallTime at = time_of(event);
    if (at < object->well) continue;
    if (base::Duration(now_.ns - at.ns) <= kEventAge) found.push_back({at, event});
  }
  std::sort(found.begin(), found.end(), [](const Found& a, const Found& b) { return a.at > b.at; });
  std::vector<Reason> out;
  for (std::size_t i = 0; i < found.size() && i < kEvents; ++i) {
    const Value event = found[i].event, about = event["involvedObject"];
    const std::string_view kind = about["kind"].str();
    std::string object(kind);
    object.append(" ").append(event["metadata"]["namespace"].str()).append("/");
    object.append(about["name"].str());
    const bool sum = kind == "ClusterDeployment" || kind == "HelmRelease" || kind == "Cluster";
    Reason reason = {std::move(object),
                     "Event",
                     std::string(event["reason"].str()),
                     cut_middle(event["message"].str(), kReasonBytes),
                     base::format_rfc3339(found[i].at, 0),
                     Severity::warning};
    reason.is_cause = !sum;
    out.push_back(std::move(reason));
  }
  return out;
}

}  // namespace deployments
