// ConfigChecks: the care of ClusterDeployments for the tools that take objects of any kind: one that
// objects.apply or objects.patch makes or changes is held to the same as one of
// clusterDeployments.deploy and .update. Its spec.config is checked (config_check.h), and of labels
// that change is said which MultiClusterServices it gets and loses by them. What a change of services
// means is said here for all tools (service_changes.h), also of MultiClusterServices.
//
//   made, or another template   the whole config
//   else                        what the write says of it: what is there already, right or wrong,
//                               is not this call's
//   a template that cannot be   not checked: the API server's webhooks decide
//     read, or says nothing
#pragma once

#include <memory>
#include <vector>

#include "change/check.h"
#include "cluster/cluster.h"

namespace deploy {

class ConfigChecks final : public change::Checks {
 public:
  // `cluster` must outlive this and its checks.
  explicit ConfigChecks(cluster::Cluster& cluster) : cluster_(cluster) {}
  std::unique_ptr<change::Check> make(const std::vector<change::Step>& steps,
                                      const std::vector<change::Tried>& tried) override;

 private:
  cluster::Cluster& cluster_;
};

}  // namespace deploy
