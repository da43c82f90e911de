// Manager: turns the events of namespaces into deltas for subscribers of
// k0rdent://events/{namespace}. One watch per key (identity, namespace, selectors), shared by its
// subscribers (shared_watch.h gives its life cycle).
//
//   subscribe, the key's watch is synced: accepted; the snapshot from memory, then deltas
//   subscribe, it is not synced yet: the first complete list decides: accepted, or refused with
//     the API server's or the breaker's reason
//
// Deltas:
//   {"action":"ADDED"|"MODIFIED"|"DELETED","event":EVENT}
//       each state of each event once; the snapshot is ADDED, in the order the cluster recorded
//   {"action":"ERROR","event":{…"message":WHY,"namespace":NS}}
//       the API server refuses the watch, or the subscription ends
//   {"action":"STALE"|"FRESH"|"DROPPED",…}
//       has no event (fanout/notice.h). DROPPED: the subscriber was too slow; the net result of the
//       dropped deltas follows (feed.h)
#pragma once

#include <memory>

#include "events/selector.h"
#include "events/watch.h"
#include "fanout/typed.h"

namespace events {

class Manager final : public fanout::ManagerOf<Watch> {
 public:
  explicit Manager(const fanout::Context& context) : fanout::ManagerOf<Watch>(context, "events") {}

  // Requires: the selector's namespace is allowed. Returns nullptr after refusing the subscriber
  // (breaker open, its share of watches used up, manager not running).
  std::unique_ptr<mcp::Feed> subscribe(mcp::Subscriber& subscriber, Selector selector);
};

}  // namespace events
