// Context: what the writing tools share.
#pragma once

#include <string>
#include <utility>

#include "change/check.h"
#include "change/confirm.h"
#include "change/wait.h"
#include "cluster/cluster.h"

namespace change {

struct Context {
  explicit Context(cluster::Cluster& of, Confirm mode = Confirm::destructive,
                   std::string owner = "mcp.clusters")
      : cluster(of), confirm(mode), field_manager(std::move(owner)) {}

  cluster::Cluster& cluster;  // must outlive this
  const Confirm confirm;
  const std::string field_manager;
  Confirmations confirmations{cluster.seal};
  ClusterWaits* waits = nullptr;  // nullptr: calls cannot wait
  Checks* checks = nullptr;       // nullptr: none
};

}  // namespace change
