// watch(): keeps the objects of one kind equal to the cluster's, and reports each change
// (kube/watch/reflector.h), less what the namespace filter hides.
#pragma once

#include <memory>

#include "base/error.h"
#include "cluster/cluster.h"
#include "kube/watch/reflector.h"
#include "loop/lifecycle.h"

namespace cluster {

using Watch = kube::watch::Reflector;
using WatchSpec = kube::watch::ReflectorSpec;

// For what it belongs to: its own scope is below `scope`, and `retry` is its key's. All must outlive
// the Watch.
struct WatchOwner {
  loop::Scope& scope;
  kube::watch::Retry& retry;
  kube::watch::Collection& collection;
  kube::watch::Health& health;
};

// Not started. Errors: the namespace is not allowed. `cluster` must outlive the Watch.
base::Result<std::unique_ptr<Watch>> watch(Cluster& cluster, const WatchOwner& owner,
                                           WatchSpec spec);

}  // namespace cluster
