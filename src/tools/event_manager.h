// EventManager: turns namespaces' events into deltas for subscribers of
// k0rdent://events/{namespace}. One watch per key (identity, namespace, selectors), shared by its
// subscribers (shared_watch.h says how it lives).
//
//   subscribe → watch of the key exists and is synced: accepted, snapshot from memory, then deltas
//             → not yet: the first complete list decides: accepted, or refused with what the API
//             server or the breaker said
//   delta     {"action":"ADDED"|"MODIFIED"|"DELETED","event":EVENT}: each state of each event once;
//             the snapshot is ADDED, in the order the cluster recorded
//             {"action":"ERROR","event":{…"message":WHY,"namespace":NS}}: the API server refuses
//             the watch, or the subscription ends
//             {"action":"STALE"|"FRESH"|"DROPPED",…} without an event (watch_notice.h). DROPPED:
//             the subscriber was too slow; what the dropped deltas came to follows it
//             (event_feed.h)
#pragma once

#include <memory>

#include "tools/event_selector.h"
#include "tools/watch_manager.h"

namespace tools {

class EventManager final : public WatchManager {
 public:
  explicit EventManager(const ManagerContext& context) : WatchManager(context, "events") {}

  // Requires: its namespace is allowed. nullptr: refused inside (breaker open,
  // not running).
  std::unique_ptr<mcp::Feed> subscribe(mcp::Subscriber& subscriber, EventSelector selector);
};

}  // namespace tools
