// A log stream under test: what it says, and the pods that it is shown.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "kube/watch/log_stream.h"
#include "support/patient_api.h"
#include "support/slot.h"

namespace test {

// What a container's status says.
struct Pod {
  std::string uid = "u1";
  std::string id = "cri://a";  // "" : none yet
  std::string state = "running";
  std::string previous{};  // lastState.terminated
  int restarts = 0;
  int exit_code = 0;
  std::string policy = "Always", phase = "Running", started = "2026-01-01T00:00:00Z";
  bool deleted = false;
  std::string container = "c";

  std::string json() const {
    std::string out;
    base::json::Writer w(out);
    w.begin_object().key("metadata").begin_object().field("name", "web").field("uid", uid);
    if (deleted) w.field("deletionTimestamp", "2026-01-01T00:00:00Z");
    w.end_object().key("spec").begin_object().field("restartPolicy", policy);
    w.key("containers")
        .begin_array()
        .begin_object()
        .field("name", container)
        .end_object()
        .end_array();
    w.end_object().key("status").begin_object().field("phase", phase);
    w.key("containerStatuses").begin_array().begin_object().field("name", container);
    w.field("restartCount", restarts).field_if("containerID", id);
    w.key("state").begin_object().key(state).begin_object();
    if (state == "running") w.field("startedAt", started);
    if (state == "terminated")
      w.field("exitCode", exit_code).field("reason", "Completed").field_if("containerID", id);
    w.end_object().end_object().key("lastState").begin_object();
    if (!previous.empty())
      w.key("terminated").begin_object().field("containerID", previous).end_object();
    w.end_object().end_object().end_array().end_object().end_object();
    return out;
  }
};

inline Pod waiting_pod() {
  Pod pod;
  pod.id = "";
  pod.state = "waiting";
  return pod;
}

class LogWorld : public PatientWorld, public kube::watch::Health, public kube::watch::LogSink {
 protected:
  void start(kube::watch::LogSpec spec = {}) {
    spec.ns = "default";
    spec.pod = "web";
    spec.container = "c";
    stream.make(kube::Context{loop, *client, scope}, retry, *this, *this, spec);
    stream->start();
    EXPECT_TRUE(said.empty());
  }

  void on_ready() override { note("open"); }
  void on_denied(const kube::Failure&) override { note("<denied>"); }
  void on_line(const kube::watch::LogLine& line) override {
    times.push_back(line.time);
    note(std::string(line.truncated ? "truncated " : "") + (line.partial ? "partial " : "") +
         std::string(line.text.substr(0, 100)));
  }
  void on_marker(std::string_view kind, std::string_view text) override {
    marker = text;
    note("<" + std::string(kind) + ">");
  }
  void on_down(const kube::Failure& failure, base::Duration retry_in) override {
    down = retry_in;
    down_message = failure.message;
    note("<down>");
  }
  void on_up() override { note("<up>"); }
  void on_end(const kube::watch::LogEnd& end) override {
    ended = end;
    note("<end>");
  }
  void note(std::string what) {
    said.push_back(std::move(what));
    ++stream.on_stack;
    if (hook) hook(said.back());
    --stream.on_stack;
  }
  std::vector<std::string> take() { return std::exchange(said, {}); }
  using Said = std::vector<std::string>;

  // The log request comes and is answered by a stream; the pod is looked at beside it.
  Asked opened(const Pod& pod = {}) {
    Asked log = asked();
    EXPECT_EQ(log.path, "/api/v1/namespaces/default/pods/web/log");
    log.begin();
    settle_pod(pod);
    return log;
  }
  void settle_pod(const Pod& pod) {
    Asked look = asked(base::seconds(100));
    EXPECT_EQ(look.path, "/api/v1/namespaces/default/pods/web");
    look.json(pod.json());
    settle();
  }
  static std::string line(std::string_view time, std::string_view text) {
    return "2026-01-01T00:00:" + std::string(time) + "Z " + std::string(text) + "\n";
  }

  Said said;
  std::vector<std::optional<base::WallTime>> times;
  std::string marker, down_message;
  base::Duration down{};
  std::optional<kube::watch::LogEnd> ended;
  std::function<void(const std::string&)> hook;
  loop::Scope scope{"logs"};
  Slot<kube::watch::LogStream> stream{loop};
};

}  // namespace test
