// GraphManager: the resource graph for subscribers of k0rdent://graph and for single reads. One
// watch per identity: one set of upstream watches, cluster-wide, whatever the filters of its
// subscribers; a kind that must be requested (Machines) is among them while a filter names it.
//
// Deltas (graph_view.h):
//   {"action":"snapshot"|"added"|"modified"|"deleted","nodes":[…],"edges":[…],"sequence":N}
//       the first delta of a snapshot has "notes", too (what is left out, and why); when these
//       change they come in a "modified"
//   {"action":"STALE"|"FRESH"|"DROPPED",…}
//       about the watch (watch_notice.h); after DROPPED a "snapshot" replaces all that was sent
//   {"action":"ERROR","message":…}
//       the subscription ends
#pragma once

#include <memory>

#include "tools/graph_filter.h"
#include "tools/watch_manager.h"

namespace tools {

class GraphWatch;

class GraphManager final : public WatchManager {
 public:
  explicit GraphManager(const ManagerContext& context) : WatchManager(context, "graph") {}

  // Returns nullptr after refusing the subscriber.
  std::unique_ptr<mcp::Feed> subscribe(mcp::Subscriber& subscriber, GraphFilter filter);
  // The watch of the subscriber's identity, made if there is none, with the kinds that the filter
  // requests. Returns nullptr after refusing the subscriber. The caller then joins the watch.
  GraphWatch* watch_for(mcp::Subscriber& subscriber, const GraphFilter& filter);
};

}  // namespace tools
