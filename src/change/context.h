// Context: what the writing tools share.
#pragma once

#include <string>

#include "change/confirm.h"
#include "change/wait.h"
#include "cluster/cluster.h"

namespace change {

struct Context {
  cluster::Cluster& cluster;  // must outlive this
  Confirm confirm = Confirm::destructive;
  std::string field_manager = "mcp.clusters";  // --field-owner
  Confirmations confirmations{cluster.seal};
  ClusterWaits* waits = nullptr;  // nullptr: calls cannot wait
};

}  // namespace change
