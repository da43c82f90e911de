// Manager: turns objects of any kind that the cluster serves into deltas for subscribers of
// k0rdent://objects/… (request.h). One watch per identity and request, shared by its subscribers
// (fanout/shared_watch.h gives its life cycle, fanout/collection_watch.h what is sent).
//
// Deltas:
//   {"action":"ADDED"|"MODIFIED"|"DELETED","object":VIEW}
//       each state that a client can tell from the one before; the present ones are ADDED, by
//       namespace and name. VIEW: view.h
//   {"action":"ERROR","about":WHAT,"message":WHY}
//       the API server refuses the watch, or the subscription ends
//   {"action":"STALE"|"FRESH"|"DROPPED",…}
//       has no object (fanout/notice.h). DROPPED: the subscriber was too slow; the net result of the
//       dropped deltas follows
#pragma once

#include <memory>

#include "fanout/typed.h"
#include "objects/request.h"
#include "objects/watch.h"

namespace objects {

class Manager final : public fanout::ManagerOf<Watch> {
 public:
  explicit Manager(const fanout::Context& context) : fanout::ManagerOf<Watch>(context, "objects") {}

  // Requires: the namespace is allowed. Returns nullptr after refusing the subscriber (breaker open,
  // its share of watches used up, manager not running).
  std::unique_ptr<mcp::Feed> subscribe(mcp::Subscriber& subscriber, Request request);
};

}  // namespace objects
