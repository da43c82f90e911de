// Cluster: what happens in the simulated cluster, in its own words: namespaces, pods that run and
// write, events.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "loop/loop.h"
#include "sim/api_server.h"

namespace sim {

struct PodSpec {
  std::string ns = {}, name = {};
  std::vector<std::string> containers = {"app"};
  std::vector<std::string> init_containers = {};
  std::string default_container = {};  // the annotation of kubectl; "" for none
  std::string node = "node-1";         // "" : not scheduled yet
  bool running = true;                 // false: waits with ContainerCreating
};

struct EventSpec {
  std::string ns = {};
  std::string name = {};  // "" : one of its own
  std::string reason = "Tested", message = "something happened", type = "Normal";
  std::string kind = "ClusterDeployment", object = "aws-prod";
  int count = 1;
  bool legacy =
      false;  // as older recorders write: first and last timestamp and count instead of eventTime
};

class Cluster {
 public:
  // Both outlive it.
  Cluster(loop::Loop& loop, ApiServer& api) : loop_(loop), api_(api) {}

  // The nodes' clock is so far behind (or, negative, ahead of) the loop's wall clock: when that one
  // jumps, the cluster's does not.
  void set_behind(base::Duration time) { behind_ = time; }
  void add_namespace(const std::string& name);
  // Creates or updates it; its containers' ids carry their instance.
  void set_pod(const PodSpec& spec);
  void delete_pod(const std::string& ns, const std::string& name);
  void log(const std::string& ns, const std::string& pod, const std::string& container,
           std::string text);
  // The container ends (code 0) and with it the pod; what follows its log comes to an end.
  void finish_pod(const PodSpec& spec);
  // Every container starts anew.
  void restart_pod(const PodSpec& spec);
  // Every container ends with an error and waits to be started again (CrashLoopBackOff); until then
  // its log is that of the instance that ended.
  void crash_pod(const PodSpec& spec);

  // Returns its name.
  std::string emit(EventSpec spec);
  void delete_event(const std::string& ns, const std::string& name);

 private:
  base::WallTime wall() { return {loop_.wall_now().ns - behind_.count()}; }
  View view(std::string_view kind) { return {&api_.store().of(kind), 0}; }
  enum class Phase : unsigned char { as_said, finished, crashed };
  void write_pod(const PodSpec& spec, Phase phase);
  loop::Loop& loop_;
  ApiServer& api_;
  std::uint64_t names_ = 0;
  base::Duration behind_{};
  std::map<std::string, int> instances_;  // of pods
};

}  // namespace sim
