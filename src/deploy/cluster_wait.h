// MonitorWaits: waits for a ClusterDeployment by the same evidence as k0rdent://cluster-monitor: each
// wait is a subscriber of the monitor's watch, shared with all others of its caller.
//
//   ready  ends at a terminal update: Ready, or Failed for good; and kReachPatience after the cluster
//          became ready by KCM's word, if whether it can be reached is not known
//   gone   ends when the ClusterDeployment is deleted
//   both   end at the time limit, and when the monitor ends: the writes stand, and the answer says
//          what was seen last
#pragma once

#include <memory>
#include <string>

#include "change/wait.h"
#include "loop/loop.h"
#include "monitor/manager.h"

namespace deploy {

// The watch of an adopted cluster's SveltosCluster may be later than that of its deployment. What is not
// known after it will not be: the caller may not read it, or it is in another cluster.
constexpr base::Duration kReachPatience = base::seconds(10);

class MonitorWaits final : public change::ClusterWaits {
 public:
  // Both must outlive this and its waits.
  MonitorWaits(loop::Loop& loop, monitor::Manager& manager) : loop_(loop), manager_(manager) {}
  std::unique_ptr<change::Wait> make(Until until, std::string ns, std::string name,
                                     base::Duration limit) override;

 private:
  loop::Loop& loop_;
  monitor::Manager& manager_;
};

}  // namespace deploy
