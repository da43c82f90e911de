// Deletion: what goes with an object that is deleted, and what stays and keeps costing, for the
// question that confirms it.
//
//   Namespace                 everything in it, counted by kind
//   CustomResourceDefinition  every object of the kind
//   ClusterDeployment         the cluster: machines and services; Regions and MultiClusterServices
//                             that use it; what its own workloads made outside stays
//   Credential                the clusters that use it: without it they cannot be deleted
//   MultiClusterService       its services and clusters, and the others that depend on it
//   templates                 the clusters and services that use them
//   Region, Management        the clusters, or everything, below it
//   others                    their finalizers
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/delegate.h"
#include "change/plan.h"
#include "cluster/gather.h"

namespace change {

class Deletion {
 public:
  using Fn = base::Delegate<void()>;
  // `fn` runs once, as the last statement, also inside start(). `cluster` must outlive this.
  Deletion(cluster::Cluster& cluster, const mcp::Caller& caller, Fn fn);
  ~Deletion();
  // `step`: a removal whose `before` is known; it must outlive the run.
  void start(const Step& step);
  const std::vector<std::string>& consequences() const { return consequences_; }
  // Those of them that must still hold when the deletion is made (plan.h).
  const std::vector<std::string>& bound() const { return bound_; }
  // What could not be found out.
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  class Counter;
  void on_gathered();
  void count(std::string what, cluster::ListQuery query,
             bool (*counts)(base::json::Value object, const Step& step) = nullptr);
  void ask_for(std::string_view kind, base::json::Value object);
  void say(std::string text) { consequences_.push_back(std::move(text)); }

  const Fn fn_;
  const Step* step_ = nullptr;
  std::vector<std::unique_ptr<Counter>> counters_;
  std::vector<std::string> consequences_, bound_, notes_;
  cluster::Gather gather_;
};

}  // namespace change
