// NameGuard: refuses a change of the Management or of a Region whose components would take the name
// of a cluster. Both have a HelmRelease of that name in k0rdent's namespace, and k0rdent then removes
// the cluster's as if it were a component that is gone (k0rdent/kcm issue 703).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/delegate.h"
#include "change/dry_run.h"
#include "change/plan.h"
#include "cluster/gather.h"

namespace change {

class NameGuard {
 public:
  // "": nothing is wrong.
  using Fn = base::Delegate<void(const std::string& problem)>;
  // `fn` runs once, as the last statement, also inside start(). `cluster` must outlive this.
  NameGuard(cluster::Cluster& cluster, Fn fn) : cluster_(cluster), fn_(fn) {}
  void start(const mcp::Caller& caller, const std::vector<Step>& steps,
             const std::vector<Tried>& tried);

 private:
  void on_gathered();
  cluster::Cluster& cluster_;
  const Fn fn_;
  std::vector<std::string> names_;  // of components
  cluster::Part* clusters_ = nullptr;
  std::optional<cluster::Gather> gather_;
};

}  // namespace change
