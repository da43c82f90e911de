// Context: what the writing tools share.
#pragma once

#include <string>
#include <utility>

#include "base/budgets.h"
#include "change/check.h"
#include "change/confirm.h"
#include "change/room.h"
#include "change/wait.h"
#include "cluster/cluster.h"

namespace change {

struct Context {
  // `budgets` must outlive this.
  Context(cluster::Cluster& of, base::Budgets& budgets, Confirm mode = Confirm::destructive,
          std::string owner = "mcp.clusters")
      : cluster(of),
        confirm(mode),
        field_manager(std::move(owner)),
        room(of.loop, budgets.changes, budgets.bodies) {}

  cluster::Cluster& cluster;  // must outlive this
  const Confirm confirm;
  const std::string field_manager;
  Room room;
  Confirmations confirmations{cluster.seal};
  ClusterWaits* waits = nullptr;  // nullptr: calls cannot wait
  Checks* checks = nullptr;       // nullptr: none
};

}  // namespace change
