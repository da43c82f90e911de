// Context: what the managers share besides the cluster::Cluster: the limits of their subscribers'
// queues and one budget for all of them.
#pragma once

#include "base/budgets.h"
#include "base/limits.h"
#include "base/time.h"
#include "cluster/cluster.h"

namespace fanout {

// Shorter outages are not reported: a restart of an API server behind a load balancer, one or two
// backoffs.
constexpr base::Duration kStaleAfter = base::seconds(10);
// How long a watch without subscribers is kept: a client that re-subscribes (after a reload or a
// broken stream) still finds it.
constexpr base::Duration kWatchLinger = base::seconds(5);

struct WatchSettings {
  // Limits of one subscriber's queue, which holds what its session cannot take yet: as much as one
  // event stream may hold.
  std::size_t queue_bytes = base::limits::kStreamQueueBytes;
  std::size_t queue_messages = base::limits::kStreamQueueMessages;
  base::Duration stale_after = kStaleAfter;
  base::Duration linger = kWatchLinger;
};

// Each manager keeps a copy; what it refers to must outlive the managers.
struct Context {
  cluster::Cluster& kube;
  base::QueueBudget& budget;  // shared by the queues of all subscribers
  WatchSettings settings = {};
  base::Budgets* budgets = nullptr;  // of all memory that clients can occupy; nullptr: no limits
  base::Budget* snapshots() const { return budgets ? &budgets->snapshots : nullptr; }
};

}  // namespace fanout
