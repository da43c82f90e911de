#include "sim/cluster.h"

#include <cstdio>
#include <utility>

#include "base/json.h"

namespace sim {

using base::json::Writer;

void Cluster::add_namespace(const std::string& name) {
  std::string json;
  Writer w(json);
  w.begin_object().key("metadata").begin_object().field("name", name).key("labels");
  w.begin_object().field("kubernetes.io/metadata.name", name).end_object().end_object();
  w.key("spec").begin_object().key("finalizers").begin_array().string("kubernetes").end_array();
  w.end_object().key("status").begin_object().field("phase", "Active").end_object().end_object();
  api_.store().put(view("Namespace"), json);
}

namespace {

struct ContainerState {
  int instance;
  bool has_id, running, finished, crashed;
  std::string now;
};

void write_container(Writer& w, const std::string& pod, const std::string& name,
                     const ContainerState& is) {
  const auto id = [&](int n) {
    return "containerd://" + pod + "-" + name + "-" + std::to_string(n);
  };
  w.begin_object().field("name", name).field("ready", is.running);
  w.field("restartCount", is.instance);
  if (is.has_id) w.field("containerID", id(is.instance));
  if (is.instance > 0 || is.crashed) {
    w.key("lastState").begin_object().key("terminated").begin_object().field("exitCode", 1);
    w.field("reason", "Error").field("finishedAt", is.now);
    w.field("containerID", id(is.instance - (is.crashed ? 0 : 1))).end_object().end_object();
  }
  w.key("state").begin_object();
  if (is.finished) {
    w.key("terminated").begin_object().field("exitCode", 0).field("reason", "Completed");
    w.field("finishedAt", is.now).field("containerID", id(is.instance)).end_object();
  } else if (is.running) {
    w.key("running").begin_object().field("startedAt", is.now).end_object();
  } else {
    const char* why = is.crashed ? "CrashLoopBackOff" : "ContainerCreating";
    w.key("waiting").begin_object().field("reason", why).end_object();
  }
  w.end_object().end_object();
}

void write_spec(Writer& w, const PodSpec& spec, bool finished) {
  w.key("spec").begin_object().field_if("nodeName", spec.node);
  w.field("restartPolicy", finished ? "Never" : "Always");
  for (const auto& [key, names] : {std::pair{"containers", &spec.containers},
                                   std::pair{"initContainers", &spec.init_containers}}) {
    if (names->empty()) continue;
    w.key(key).begin_array();
    for (const std::string& name : *names) {
      w.begin_object().field("name", name).field("image", "example.test/app:1").end_object();
    }
    w.end_array();
  }
  w.end_object();
}

}  // namespace

void Cluster::write_pod(const PodSpec& spec, Phase phase) {
  const bool finished = phase == Phase::finished, crashed = phase == Phase::crashed;
  std::string json;
  Writer w(json);
  w.begin_object().key("metadata").begin_object().field("name", spec.name);
  w.field("namespace", spec.ns);
  if (!spec.default_container.empty()) {
    w.key("annotations").begin_object();
    w.field("kubectl.kubernetes.io/default-container", spec.default_container).end_object();
  }
  w.end_object();
  write_spec(w, spec, finished);
  const bool running = spec.running && !spec.node.empty() && !finished && !crashed;
  const ContainerState is{
      instances_[spec.ns + "/" + spec.name], spec.running, running, finished, crashed,
      base::format_rfc3339(wall(), 0)};
  w.key("status").begin_object();
  w.field("phase", finished ? "Succeeded" : running || crashed ? "Running" : "Pending");
  w.key("containerStatuses").begin_array();
  for (const std::string& name : spec.containers)
    write_container(w, spec.name, name, is);
  w.end_array().end_object().end_object();
  api_.store().put(view("Pod"), json);
}

void Cluster::set_pod(const PodSpec& spec) {
  write_pod(spec, Phase::as_said);
}

void Cluster::delete_pod(const std::string& ns, const std::string& name) {
  api_.store().remove(view("Pod"), key_of(ns, name));
}

void Cluster::log(const std::string& ns, const std::string& pod, const std::string& container,
                  std::string text) {
  api_.logs().append(ns + "/" + pod + "/" + container, {wall(), std::move(text), false});
}

void Cluster::finish_pod(const PodSpec& spec) {
  write_pod(spec, Phase::finished);
  for (const std::string& name : spec.containers)
    api_.logs().end(spec.ns + "/" + spec.name + "/" + name);
}

void Cluster::restart_pod(const PodSpec& spec) {
  ++instances_[spec.ns + "/" + spec.name];
  write_pod(spec, Phase::as_said);
  for (const std::string& name : spec.containers)
    api_.logs().restart(spec.ns + "/" + spec.name + "/" + name);
}

void Cluster::crash_pod(const PodSpec& spec) {
  write_pod(spec, Phase::crashed);
  for (const std::string& name : spec.containers)
    api_.logs().end(spec.ns + "/" + spec.name + "/" + name);
}

std::string Cluster::emit(EventSpec spec) {
  if (spec.name.empty()) {
    char suffix[20];
    std::snprintf(suffix, sizeof suffix, ".%06llx", static_cast<unsigned long long>(++names_));
    spec.name = spec.object + suffix;
  }
  const std::string now = base::format_rfc3339(wall(), 6);
  const std::string seconds = base::format_rfc3339(wall(), 0);
  std::string json;
  Writer w(json);
  w.begin_object().key("metadata").begin_object().field("name", spec.name);
  w.field("namespace", spec.ns).end_object();
  w.key("involvedObject").begin_object().field("kind", spec.kind).field("namespace", spec.ns);
  w.field("name", spec.object).end_object();
  w.field("reason", spec.reason).field("message", spec.message).field("type", spec.type);
  if (spec.legacy) {
    w.key("source").begin_object().field("component", "sim-controller").end_object();
    w.field("firstTimestamp", seconds).field("lastTimestamp", seconds).field("count", spec.count);
    w.key("eventTime").null().field("reportingComponent", "").field("reportingInstance", "");
  } else {
    w.key("source").begin_object().end_object();
    w.key("firstTimestamp").null().key("lastTimestamp").null().field("eventTime", now);
    w.field("action", "Reconcile").field("reportingComponent", "sim-controller");
    w.field("reportingInstance", "sim-controller-0");
    if (spec.count > 1) {
      w.key("series").begin_object().field("count", spec.count);
      w.field("lastObservedTime", now).end_object();
    }
  }
  w.end_object();
  api_.store().put(view("Event"), json);
  return spec.name;
}

void Cluster::delete_event(const std::string& ns, const std::string& name) {
  api_.store().remove(view("Event"), key_of(ns, name));
}

}  // namespace sim
