// What a pod says, as kubectl describe pod would: its state in kubectl's words, and for each
// container its state, restarts with when and why, requests and limits.
#include <algorithm>
#include <map>
#include <string>
#include <string_view>

#include "answer/age.h"
#include "answer/members.h"
#include "base/counted.h"
#include "describe/conditions.h"
#include "describe/description.h"
#include "kinds/table.h"
#include "pods/state.h"

namespace describe {

using base::json::Value;
using base::json::Writer;

namespace {

struct Containers {
  std::string_view specs, statuses, type;
};
constexpr Containers kContainers[] = {
    {"initContainers", "initContainerStatuses", "init"},
    {"containers", "containerStatuses", "app"},
    {"ephemeralContainers", "ephemeralContainerStatuses", "ephemeral"},
};

// The first of a name counts. A map, because a look-up in a list walks it.
std::map<std::string_view, Value> by_name(Value list) {
  std::map<std::string_view, Value> out;
  for (const Value each : list.array())
    out.try_emplace(each["name"].str(), each);
  return out;
}

// The member of a container's state that is set: running, waiting, terminated.
std::string_view state_word(Value state) {
  for (const std::string_view each : {"running", "waiting", "terminated"}) {
    if (state[each]) return each;
  }
  return {};
}

// "terminated: OOMKilled, exit code 137, 5m ago: message".
std::string state_text(Value state, base::WallTime now) {
  const std::string_view word = state_word(state);
  const Value is = state[word];
  std::string out(word);
  if (!is["reason"].str().empty()) out.append(": ").append(is["reason"].str());
  if (const auto code = is["exitCode"].as_int(); code && word == "terminated")
    out += ", exit code " + std::to_string(*code);
  if (const auto signal = is["signal"].as_int(); signal && *signal != 0)
    out += ", signal " + std::to_string(*signal);
  const std::string_view since =
      is["finishedAt"].str().empty() ? is["startedAt"].str() : is["finishedAt"].str();
  if (!since.empty()) {
    out.append(word == "running" ? " for " : ", ").append(answer::age_of(since, now));
    if (word != "running") out += " ago";
  }
  const std::string message = answer::cut_text(is["message"].str(), 200);
  return message.empty() ? out : out + ": " + message;
}

std::string owner_text(Value metadata) {
  const Value owners = metadata["ownerReferences"];
  Value owner = owners.at(0);
  for (const Value each : owners.array()) {
    if (each["controller"].bool_or(false)) owner = each;
  }
  return owner ? std::string(owner["kind"].str()) + "/" + std::string(owner["name"].str()) : "";
}

// A pod's deletionTimestamp is when its grace is over, not when its deletion was asked for.
std::string deleting_text(Value metadata) {
  const std::string deadline(metadata["deletionTimestamp"].str());
  const auto at = base::parse_rfc3339(deadline);
  const std::int64_t grace = metadata["deletionGracePeriodSeconds"].int_or(0);
  if (!at || grace <= 0) return deadline;
  constexpr std::int64_t kSecond = 1'000'000'000;
  return base::format_rfc3339({at->ns - grace * kSecond}, 0) + ", its grace of " +
         base::format_duration(base::seconds(grace)) + " ends at " + deadline;
}

// "cpu 100m, memory 64Mi".
std::string amounts(Value quantities) {
  std::string out;
  for (const auto& [name, amount] : quantities.object()) {
    out.append(out.empty() ? "" : ", ").append(name).append(" ");
    out += amount.is(base::json::Type::string) ? std::string(amount.str()) : amount.to_json();
  }
  return out;
}

class Pod final : public Description {
 public:
  cluster::Part* begin(cluster::Gather& gather, const Named& named) override {
    pod_ = &gather.get("pod", {kinds::get("Pod"), named.ns, named.name});
    return pod_;
  }

  void write(answer::Report& report, base::WallTime now) override {
    const Value pod = pod_->object(), metadata = pod["metadata"], status = pod["status"];
    const pods::State state = pods::state_of(pod);
    report.text("name", "Name", metadata["name"].str());
    report.text("namespace", "Namespace", metadata["namespace"].str());
    report.text("status", "Status", state.status);
    report.text("message", "Message",
                answer::cut_text(status["message"].str(), answer::kMessageBytes));
    report.text("ready", "Ready",
                std::to_string(state.ready) + "/" + std::to_string(state.containers));
    report.number("restarts", state.restarts);
    if (state.last_restart)
      report.text("lastRestart", {}, base::format_rfc3339(*state.last_restart, 0));
    report.text("owner", "Owner", owner_text(metadata));
    report.text("node", "Node", pod["spec"]["nodeName"].str());
    report.text("podIP", "IP", status["podIP"].str());
    report.text("qosClass", "QoS", status["qosClass"].str());
    report.text("serviceAccount", {}, pod["spec"]["serviceAccountName"].str());
    report.line("Age", answer::age_of(metadata["creationTimestamp"].str(), now));
    report.text("deletionTimestamp", {}, metadata["deletionTimestamp"].str());
    report.line("Deleting since", deleting_text(metadata));
    write_containers(report, pod, now);
    write_volumes(report, pod["spec"]["volumes"]);
    write_conditions(report, status["conditions"], now);
  }

 private:
  static void write_containers(answer::Report& report, Value pod, base::WallTime now) {
    report.begin("containers", "Containers");
    for (const Containers& list : kContainers) {
      auto statuses = by_name(pod["status"][list.statuses]);
      for (const Value spec : pod["spec"][list.specs].array()) {
        if (!report.skips())
          write_container(report, spec, statuses[spec["name"].str()], list.type, now);
      }
    }
    report.end("containers");
  }

  static void write_container(answer::Report& report, Value spec, Value status,
                              std::string_view type, base::WallTime now) {
    const bool sidecar = type == "init" && spec["restartPolicy"].str() == "Always";
    const std::string state = state_text(status["state"], now);
    const std::string last = state_text(status["lastState"], now);
    const std::string requests = amounts(spec["resources"]["requests"]);
    const std::string limits = amounts(spec["resources"]["limits"]);
    const std::int64_t restarts = status["restartCount"].int_or(0);
    std::string json;
    Writer w(json);
    w.begin_object().field("name", spec["name"].str()).field("type", sidecar ? "sidecar" : type);
    w.field_if("image", spec["image"].str()).field("ready", status["ready"].bool_or(false));
    w.field("state", state.empty() ? "not started" : state).field("restarts", restarts);
    w.field_if("lastState", last).field_if("requests", requests).field_if("limits", limits);
    w.end_object();
    std::string line = "  " + std::string(spec["name"].str()) + " (" +
                       std::string(sidecar ? "sidecar" : type) + ")  " +
                       (state.empty() ? "not started" : state);
    if (restarts > 0)
      line +=
          "; " + base::counted(static_cast<std::size_t>(restarts), "restart") + ", last " + last;
    if (!requests.empty()) line += "; requests " + requests;
    if (!limits.empty()) line += "; limits " + limits;
    report.row(json, line);
  }

  // By name and kind: what is in them is another object's.
  static void write_volumes(answer::Report& report, Value volumes) {
    report.begin("volumes", {});
    for (const Value each : volumes.array()) {
      if (report.skips()) continue;
      std::string json;
      Writer w(json);
      w.begin_object().field("name", each["name"].str());
      for (const auto& [member, source] : each.object()) {
        if (member == "name") continue;
        w.field("type", member);
        for (const char* reference : {"secretName", "claimName", "name", "driver", "path"})
          w.field_if(reference, source[reference].str());
        break;
      }
      w.end_object();
      report.row(json);
    }
    report.end("volumes");
  }

  cluster::Part* pod_ = nullptr;
};

}  // namespace

std::unique_ptr<Description> describe_pod() {
  return std::make_unique<Pod>();
}

}  // namespace describe
