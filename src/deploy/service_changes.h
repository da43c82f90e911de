// What a write of a ClusterDeployment or a MultiClusterService means for services, whichever tool makes it:
//
//   both                 services that are taken out, and so uninstalled; a StateManagementProvider that is
//                        suspended or not ready, so that nothing happens
//   ClusterDeployment    a service of the same name that a MultiClusterService installs there, too; a paused
//                        Region
//   MultiClusterService  the clusters that it selects before and after, those that lose services, the
//                        management cluster, and templates that clusters' namespaces lack
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "change/dry_run.h"
#include "change/plan.h"
#include "cluster/gather.h"

namespace deploy {

class ServiceChanges {
 public:
  ServiceChanges();
  ~ServiceChanges();
  // Notes the step, if it is about services; `step` and `tried` must outlive this.
  void look_at(const change::Step& step, const change::Tried& tried);
  bool empty() const { return all_.empty(); }
  // Asks for what round `round` (from 0) needs. False: nothing more. This must outlive the Gather.
  bool ask(cluster::Gather& gather, int round);
  // Sentences for the confirmation. Requires: ask() has said false, and what it asked for has come.
  std::vector<std::string> texts();
  // Requires: the same.
  change::Weight weight() const;

 private:
  struct One;
  std::deque<std::unique_ptr<One>> all_;
};

}  // namespace deploy
