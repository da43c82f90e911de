// ManagerContext: what the managers share beside the cluster side: the limits of their subscribers'
// queues and the one budget for all of them.
#pragma once

#include "base/budgets.h"
#include "base/limits.h"
#include "base/time.h"
#include "tools/kube_context.h"

namespace tools {

// An outage shorter than this is nobody's business: a restart of an API server behind a balancer,
// one backoff or two.
constexpr base::Duration kStaleAfter = base::seconds(10);
// A watch without subscribers stays this long: a client that re-subscribes (a reload, a broken
// stream) finds it still there.
constexpr base::Duration kWatchLinger = base::seconds(5);

struct WatchSettings {
  // Of one subscriber: what its session cannot take yet. As much as one event stream may hold.
  std::size_t queue_bytes = base::limits::kStreamQueueBytes;
  std::size_t queue_messages = base::limits::kStreamQueueMessages;
  base::Duration stale_after = kStaleAfter;
  base::Duration linger = kWatchLinger;
};

// Handed to each manager, which keeps a copy; what it refers to outlives the managers.
struct ManagerContext {
  KubeContext& kube;
  base::QueueBudget& budget;  // for all queues of all subscribers
  WatchSettings settings = {};
  base::Budgets* budgets = nullptr;  // of all that others can make us hold; nullptr: not counted
  base::Budget* snapshots() const { return budgets ? &budgets->snapshots : nullptr; }
};

}  // namespace tools
