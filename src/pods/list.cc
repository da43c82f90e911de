#include "pods/list.h"

#include <set>
#include <string>
#include <string_view>

#include "answer/age.h"
#include "kinds/table.h"
#include "pods/state.h"

namespace pods {

using answer::MemberType;
using answer::RowColumn;
using answer::RowMember;
using base::WallTime;
using base::json::Value;
using base::json::Writer;

namespace {

std::string ready_text(Value pod, WallTime) {
  const State state = state_of(pod);
  return std::to_string(state.ready) + "/" + std::to_string(state.containers);
}
std::string status_text(Value pod, WallTime) {
  return state_of(pod).status;
}
std::string restarts_text(Value pod, WallTime now) {
  const State state = state_of(pod);
  std::string out = std::to_string(state.restarts);
  if (state.restarts > 0 && state.last_restart) {
    out += " (" + answer::age_text(base::Duration(now.ns - state.last_restart->ns)) + " ago)";
  }
  return out;
}

void ready_json(Value pod, WallTime now, std::string& out) {
  base::json::append_string(out, ready_text(pod, now));
}
void status_json(Value pod, WallTime, std::string& out) {
  base::json::append_string(out, state_of(pod).status);
}
void restarts_json(Value pod, WallTime, std::string& out) {
  out = std::to_string(state_of(pod).restarts);
}
void last_restart_json(Value pod, WallTime, std::string& out) {
  if (const State state = state_of(pod); state.last_restart)
    base::json::append_string(out, base::format_rfc3339(*state.last_restart, 0));
}

// The controller's reference, else the first.
void owner_json(Value pod, WallTime, std::string& out) {
  Value owner = pod["metadata"]["ownerReferences"].at(0);
  for (const Value each : pod["metadata"]["ownerReferences"].array()) {
    if (each["controller"].bool_or(false)) owner = each;
  }
  if (!owner) return;
  Writer(out)
      .begin_object()
      .field("kind", owner["kind"].str())
      .field("name", owner["name"].str())
      .end_object();
}

// "running", "waiting: CrashLoopBackOff", "terminated: OOMKilled".
std::string container_state(Value state) {
  for (const std::string_view each : {"running", "waiting", "terminated"}) {
    if (!state[each]) continue;
    std::string out(each);
    if (const std::string_view reason = state[each]["reason"].str(); !reason.empty())
      out.append(": ").append(reason);
    return out;
  }
  return {};
}

void containers_json(Value pod, WallTime, std::string& out) {
  struct List {
    std::string_view statuses, type;
  };
  constexpr List kListsOf[] = {{"initContainerStatuses", "init"},
                               {"containerStatuses", ""},
                               {"ephemeralContainerStatuses", "ephemeral"}};
  std::set<std::string_view> sidecars;
  for (const Value each : pod["spec"]["initContainers"].array()) {
    if (each["restartPolicy"].str() == "Always") sidecars.insert(each["name"].str());
  }
  Writer w(out);
  w.begin_array();
  bool any = false;
  for (const List& list : kListsOf) {
    for (const Value each : pod["status"][list.statuses].array()) {
      any = true;
      const bool sidecar = list.type == "init" && sidecars.contains(each["name"].str());
      w.begin_object().field("name", each["name"].str());
      w.field_if("type", sidecar ? "sidecar" : list.type);
      w.field("ready", each["ready"].bool_or(false));
      w.field("restarts", each["restartCount"].int_or(0));
      w.field_if("state", container_state(each["state"]));
      w.field_if("lastState", container_state(each["lastState"])).end_object();
    }
  }
  w.end_array();
  if (!any) out.clear();
}

constexpr RowMember kMembers[] = {
    {.name = "ready", .required = true, .write = ready_json},
    {.name = "status", .required = true, .write = status_json},
    {.name = "restarts", .type = MemberType::number, .required = true, .write = restarts_json},
    {.name = "lastRestart", .write = last_restart_json},
    {.name = "createdAt", .path = ".metadata.creationTimestamp"},
    {.name = "node", .path = ".spec.nodeName"},
    {.name = "ip", .path = ".status.podIP"},
    {.name = "owner", .type = MemberType::object, .write = owner_json},
    {.name = "qosClass", .path = ".status.qosClass"},
    {.name = "containers", .type = MemberType::list, .write = containers_json},
};
constexpr RowColumn kColumns[] = {
    {.header = "READY", .cell = ready_text},
    {.header = "STATUS", .cell = status_text},
    {.header = "RESTARTS", .cell = restarts_text},
};

const answer::ListRow kRow = {
    .name = "k0rdent.pods.list",
    .title = "List pods",
    .description =
        "Lists pods of the management cluster with kubectl's status words, restarts and "
        "when the last was, node, owner and containers. Read a log with podLogs.get.",
    .category = "pods",
    .action = "list",
    .what = "pods",
    .key = "pods",
    .kind = kinds::get("Pod"),
    .members = kMembers,
    .columns = kColumns};

}  // namespace

const answer::ListRow& list_row() {
  return kRow;
}

}  // namespace pods
