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

#include "fanout/manager.h"
#include "graph/model/filter.h"

namespace graph {

class Watch;

class Manager final : public fanout::Manager {
 public:
  explicit Manager(const fanout::Context& context) : fanout::Manager(context, "graph") {}

  // Returns nullptr after refusing the subscriber.
  std::unique_ptr<mcp::Feed> subscribe(mcp::Subscriber& subscriber, model::Filter filter);
  // The watch of the subscriber's identity, made if there is none, with the kinds that the filter
  // requests. Returns nullptr after refusing the subscriber. The caller then joins the watch.
  Watch* watch_for(mcp::Subscriber& subscriber, const model::Filter& filter);
};

}  // namespace graph
