#include "events/delta.h"

#include "base/json.h"

namespace events {

using base::json::Writer;

static std::string delta(std::string_view action, std::string_view event_json) {
  std::string out;
  out.reserve(event_json.size() + 48);
  Writer w(out);
  w.begin_object().field("action", action).key("event").raw(event_json).end_object();
  return out;
}

std::string event_delta(kube::watch::Change change, std::string_view event_json) {
  return delta(change == kube::watch::Change::added      ? "ADDED"
               : change == kube::watch::Change::modified ? "MODIFIED"
                                                         : "DELETED",
               event_json);
}

std::string event_error_delta(std::string_view ns, std::string_view message) {
  std::string event;
  Writer w(event);
  w.begin_object().field("name", "").field("namespace", ns).field("reason", "");
  w.field("message", message).field("type", "").key("involvedObject").begin_object().end_object();
  w.end_object();
  return delta("ERROR", event);
}

}  // namespace events
