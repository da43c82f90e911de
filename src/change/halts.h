// Halts: what keeps the controllers of a ClusterDeployment from acting on a change or a deletion, because
// they were told to stop: its Region or Cluster is paused, or its HelmRelease is suspended.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "cluster/gather.h"

namespace change {

// What controllers are to do.
enum class Task : unsigned char { change, deletion };

class Halts {
 public:
  // Asks for the Cluster and the HelmRelease of a ClusterDeployment, which have its name. What cannot be
  // read is a note of the Gather.
  void ask(cluster::Gather& gather, const std::string& ns, const std::string& name);
  // Sentences for the confirmation. Requires: ask(), and what it asked for has come.
  std::vector<std::string> texts(base::json::Value deployment, Task task) const;
  // Neither a Cluster nor a HelmRelease is there. Requires: the same.
  bool nothing_made() const { return cluster_->absent() && release_->absent(); }

 private:
  cluster::Part* cluster_ = nullptr;
  cluster::Part* release_ = nullptr;
};

// The same of one object alone; "": it is not halted.
std::string pause_text(base::json::Value cluster, Task task);
std::string region_text(base::json::Value deployment);
std::string suspension_text(base::json::Value release, Task task);

}  // namespace change
