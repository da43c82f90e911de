// Manager: the resource graph for subscribers of k0rdent://graph and for single reads. One
// watch per identity: one set of upstream watches, cluster-wide, whatever the filters of its
// subscribers; a kind that must be requested (Machines) is among them while a filter names it.
//
// Deltas (model/view.h):
//   {"action":"snapshot"|"added"|"modified"|"deleted","nodes":[…],"edges":[…],"sequence":N}
//       the first delta of a snapshot has "notes", too (what is left out, and why); when these
//       change they come in a "modified"
//   {"action":"STALE"|"FRESH"|"DROPPED",…}
//       about the watch (fanout/notice.h); after DROPPED a "snapshot" replaces all that was sent
//   {"action":"ERROR","message":…}
//       the subscription ends
#pragma once

#include <memory>

#include "fanout/typed.h"
#include "graph/model/filter.h"
#include "graph/watch.h"

namespace graph {

class Manager final : public fanout::ManagerOf<Watch> {
 public:
  explicit Manager(const fanout::Context& context) : fanout::ManagerOf<Watch>(context, "graph") {}

  // Returns nullptr after refusing the subscriber.
  std::unique_ptr<mcp::Feed> subscribe(mcp::Subscriber& subscriber, model::Filter filter);
  // The watch of the caller's identity, made if there is none, with the kinds that the filter
  // requests; a guest then joins it. Returns nullptr when it is refused: `error` says why.
  Watch* watch_for(const mcp::Caller& caller, const model::Filter& filter, mcp::RpcError& error);
};

}  // namespace graph
