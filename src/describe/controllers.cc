#include "describe/controllers.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "answer/members.h"
#include "answer/path.h"
#include "base/counted.h"
#include "graph/model/labels.h"
#include "kinds/table.h"
#include "pods/state.h"

namespace describe {

using answer::condition_of;
using base::json::Value;
using base::json::Writer;

namespace {

constexpr std::size_t kMessageBytes = 300;
// Pods named of one Deployment: its replicas have one cause.
constexpr std::size_t kPodsShown = 2;

// Words of pods that are on their way.
constexpr std::string_view kPassing[] = {"Pending", "ContainerCreating", "PodInitializing",
                                         "Running", "Terminating",       "Completed",
                                         "NotReady"};

bool passes(std::string_view word) {
  return std::find(std::begin(kPassing), std::end(kPassing), word) != std::end(kPassing) ||
         (word.starts_with("Init:") && word.find('/') != word.npos);
}

// What works for no one while it has no replica.
bool is_controller(Value object) {
  const Value metadata = object["metadata"];
  if (metadata["labels"]["cluster.x-k8s.io/provider"].present()) return true;
  const std::string_view name = metadata["name"].str();
  for (const std::string_view each : {"controller", "manager", "operator"}) {
    if (name.find(each) != name.npos) return true;
  }
  return false;
}

// Why a container does not run: what it waits for, or how it ended, and how it ended before.
std::string container_message(Value status) {
  std::string out;
  const auto add = [&](std::string_view before, Value is) {
    std::string text(is["message"].str());
    if (text.empty() && is["exitCode"]) text = "exit code " + is["exitCode"].to_json();
    if (text.empty()) return;
    out.append(out.empty() ? "" : "; ").append(before);
    out += answer::cut_text(text, kMessageBytes);
  };
  add("", status["state"]["waiting"]);
  add("", status["state"]["terminated"]);
  add("it ended before: ", status["lastState"]["terminated"]);
  return out;
}

std::string pod_message(Value pod) {
  const Value status = pod["status"];
  for (const char* list : {"initContainerStatuses", "containerStatuses"}) {
    for (const Value each : status[list].array()) {
      if (each["ready"].bool_or(false)) continue;
      if (std::string out = container_message(each); !out.empty()) return out;
    }
  }
  const Value scheduled = condition_of(pod, "PodScheduled");
  const std::string_view why =
      scheduled["status"].str() == "False" ? scheduled["message"].str() : status["message"].str();
  return answer::cut_text(why, kMessageBytes);
}

std::string pod_text(Value pod) {
  std::string out = "pod " + std::string(pod["name"].str()) + " " + std::string(pod["word"].str());
  if (const auto restarts = pod["restarts"].int_or(0); restarts > 0)
    out += " (" + base::counted(static_cast<std::size_t>(restarts), "restart") + ")";
  if (!pod["message"].str().empty()) out.append(": ").append(pod["message"].str());
  return out;
}

}  // namespace

// {"name", "wanted", "available", "since", "message", "selector"}
void Controllers::Deployments::take(Value object, std::string& out) const {
  const Value status = object["status"];
  const std::int64_t wanted = object["spec"]["replicas"].int_or(1);
  const std::int64_t available = status["availableReplicas"].int_or(0);
  const bool stopped = wanted == 0 && is_controller(object);
  if (available >= wanted && status["unavailableReplicas"].int_or(0) == 0 && !stopped) return;
  const Value is = condition_of(object, "Available"),
              failed = condition_of(object, "ReplicaFailure");
  Writer w(out);
  w.begin_object().field("name", object["metadata"]["name"].str()).field("wanted", wanted);
  w.field("available", available);
  if (is["status"].str() != "True") w.field_if("since", is["lastTransitionTime"].str());
  if (failed["status"].str() == "True")
    w.field_if("message", answer::cut_text(failed["message"].str(), kMessageBytes));
  w.key("selector").raw(object["spec"]["selector"].to_json()).end_object();
}

// {"name", "word", "message", "restarts", "labels"} of those that are not ready.
void Controllers::Pods::take(Value object, std::string& out) const {
  if (condition_of(object, "Ready")["status"].str() == "True") return;
  const pods::State state = pods::state_of(object);
  if (state.status == "Completed" || object["status"]["phase"].str() == "Succeeded") return;
  Writer w(out);
  w.begin_object().field("name", object["metadata"]["name"].str()).field("word", state.status);
  w.field_if("message", pod_message(object)).field("restarts", state.restarts);
  w.key("labels").raw(object["metadata"]["labels"].to_json()).end_object();
}

void Controllers::begin(cluster::Gather& gather) {
  deployments_.emplace(gather.cluster());
  gather.list("Deployments", {kinds::get("Deployment"), gather.cluster().system_namespace},
              cluster::Part::Need::optional, &*deployments_);
}

// A namespace may have many pods, those of hosted control planes too: they are read if one is missing.
bool Controllers::more(cluster::Gather& gather) {
  if (pods_ || deployments_->count() == 0) return false;
  pods_.emplace(gather.cluster());
  gather.list("pods", {kinds::get("Pod"), gather.cluster().system_namespace},
              cluster::Part::Need::optional, &*pods_);
  return true;
}

std::vector<Value> Controllers::pods_of(Value deployment) {
  std::vector<Value> out;
  const graph::model::LabelSelector selector(deployment["selector"]);
  if (!pods_ || selector.empty()) return out;
  for (const Value pod : pods_->objects().array()) {
    if (selector.matches(graph::model::Labels(pod["labels"]))) out.push_back(pod);
  }
  return out;
}

std::vector<Controllers::Finding> Controllers::findings(base::WallTime now) {
  std::vector<Finding> out;
  for (const Value each : deployments_->objects().array()) {
    const std::int64_t wanted = each["wanted"].int_or(0), available = each["available"].int_or(0);
    Finding found{"Deployment " + std::string(each["name"].str())};
    if (wanted == 0) {
      found.text += " has 0 replicas: what it does is not done";
      out.push_back(std::move(found));
      continue;
    }
    found.text += ": " + std::to_string(available) + " of " + std::to_string(wanted) + " available";
    const auto since = base::parse_rfc3339(each["since"].str());
    found.problem =
        !each["message"].str().empty() || (since && now.ns - since->ns > kStartTime.count());
    if (!each["message"].str().empty()) found.text.append("; ").append(each["message"].str());
    const std::vector<Value> pods = pods_of(each);
    for (std::size_t i = 0; i < pods.size(); ++i) {
      found.problem = found.problem || !passes(pods[i]["word"].str());
      if (i < kPodsShown) found.text += "; " + pod_text(pods[i]);
    }
    if (pods.size() > kPodsShown)
      found.text += "; " + base::counted(pods.size() - kPodsShown, "more pod");
    out.push_back(std::move(found));
  }
  return out;
}

void Controllers::write(answer::Report& report) {
  report.begin("deployments", {});
  for (const Value each : deployments_->objects().array()) {
    if (report.skips()) continue;
    std::string json;
    Writer w(json);
    w.begin_object().field("name", each["name"].str());
    w.field("wanted", each["wanted"].int_or(0)).field("available", each["available"].int_or(0));
    w.key("pods").begin_array();
    for (const Value pod : pods_of(each)) {
      w.begin_object().field("name", pod["name"].str()).field("status", pod["word"].str());
      w.field("restarts", pod["restarts"].int_or(0)).field_if("message", pod["message"].str());
      w.end_object();
    }
    w.end_array().end_object();
    report.row(json);
  }
  report.end("deployments");
}

}  // namespace describe
