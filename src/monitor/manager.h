// Manager: turns a ClusterDeployment, and the objects behind it, into updates for subscribers of
// k0rdent://cluster-monitor/{namespace}/{name}. One watch per identity and ClusterDeployment, shared
// by its subscribers (fanout/shared_watch.h gives its life cycle, watch.h what it sends).
//
// Deltas: the update that clusterDeployments.getState answers (deployments/update.h), without
// "reasons"; {"action":"STALE"|"FRESH", …} about the watch itself (fanout/notice.h). The last one
// has "terminal": true when nothing more happens to the cluster by itself.
#pragma once

#include <memory>

#include "fanout/typed.h"
#include "monitor/request.h"
#include "monitor/watch.h"

namespace monitor {

class Manager final : public fanout::ManagerOf<Watch> {
 public:
  explicit Manager(const fanout::Context& context)
      : fanout::ManagerOf<Watch>(context, "cluster-monitor") {}

  // Requires: the namespace is allowed. Returns nullptr after refusing the subscriber.
  std::unique_ptr<mcp::Feed> subscribe(mcp::Subscriber& subscriber, Request request);
};

}  // namespace monitor
