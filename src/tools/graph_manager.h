// GraphManager: the resource graph for subscribers of k0rdent://graph and for those who read it
// once. One watch per identity: one set of upstream watches, cluster-wide, whatever the filters of
// its subscribers; a kind that has to be asked for (Machines) is among them while a filter names
// it.
//
//   delta  graph_view.h: {"action":"snapshot"|"added"|"modified"|"deleted",
//          "nodes":[…],"edges":[…],"sequence":N}; of a snapshot the first has "notes" (what is left
//          out, and why), and a change of those comes as "modified"
//          {"action":"STALE"|"FRESH"|"DROPPED",…}: of the watch (watch_notice.h); after DROPPED a
//          "snapshot" replaces all that was told
//          {"action":"ERROR","message":…}: the subscription ends
#pragma once

#include <memory>

#include "tools/graph_filter.h"
#include "tools/watch_manager.h"

namespace tools {

class GraphWatch;

class GraphManager final : public WatchManager {
 public:
  explicit GraphManager(const ManagerContext& context) : WatchManager(context, "graph") {}

  // nullptr: refused inside.
  std::unique_ptr<mcp::Feed> subscribe(mcp::Subscriber& subscriber, GraphFilter filter);
  // The watch of the subscriber's identity, made if there is none, with the kinds that the filter
  // asks for; nullptr: refused inside. Joining it is the caller's next step.
  GraphWatch* watch_for(mcp::Subscriber& subscriber, const GraphFilter& filter);
};

}  // namespace tools
