#include "sim/event_faces.h"

#include <string_view>
#include <utility>

namespace sim {
namespace {

// core v1, events.k8s.io/v1. What is not here has one name in both.
constexpr std::pair<std::string_view, std::string_view> kNames[] = {
    {"involvedObject", "regarding"},
    {"message", "note"},
    {"reportingComponent", "reportingController"},
    {"source", "deprecatedSource"},
    {"firstTimestamp", "deprecatedFirstTimestamp"},
    {"lastTimestamp", "deprecatedLastTimestamp"},
    {"count", "deprecatedCount"},
};

std::string renamed(base::json::Value object, bool to_core) {
  std::string out;
  base::json::Writer w(out);
  w.begin_object();
  for (const base::json::Member member : object.object()) {
    if (member.key == "kind" || member.key == "apiVersion") continue;
    std::string_view key = member.key;
    for (const auto& [core, v1] : kNames) {
      if (key == (to_core ? v1 : core)) {
        key = to_core ? core : v1;
        break;
      }
    }
    w.key(key).raw(member.value.to_json());
  }
  w.end_object();
  return out.substr(1);
}

}  // namespace

std::string to_events_v1(base::json::Value object) {
  return renamed(object, false);
}

std::string to_core_v1(base::json::Value object) {
  return renamed(object, true);
}

}  // namespace sim
