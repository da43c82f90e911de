// Upstream: the API client behind a Cluster. Only cluster/, whose operations apply identity and
// namespace filter, and auth/, which asks about the caller itself, include this header
// (test/layers.sh).
#pragma once

#include "cluster/cluster.h"
#include "kube/client.h"
#include "kube/discovery.h"

namespace cluster {

struct Upstream {
  static kube::Client& client(Cluster& cluster) { return cluster.client_; }
  static kube::Discovery& discovery(Cluster& cluster) { return cluster.discovery_; }
};

}  // namespace cluster
