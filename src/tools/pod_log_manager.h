// PodLogManager: follows containers' logs for subscribers of
// k0rdent://podlogs/{namespace}/{pod}/{container}.
//
//   subscribe → the pod is looked at (container chosen when none is named) → the log opens:
//               accepted; refused with what the API server said otherwise. Breaker open: refused,
//               with the time to try again
//   delta  {"type":"line","sequence":1…,"timestamp":T,"line":TEXT}
//            T: when the container wrote it, RFC 3339 UTC (unknown: when it arrived);
//            "truncated":true when the line was longer than a megabyte
//          {"type":"gap"|"restart","message":…}  lines may be missing here; a new instance of the
//            container begins here
//          {"type":"stale"|"fresh"|"dropped",…}  (watch_notice.h)
//          {"type":"error","error":…}  the API server refuses to go on; followed by end
//          {"type":"end","reason":…}  nothing more will come; the subscription is over
//
// Followers of one identity, pod and container share a stream when what the newcomer wants of the
// past (tailLines, sinceSeconds, or all) is whole in the stream's memory (pod_log_memory.h): it
// gets its history from there and then the same lines. One that wants more gets a stream of its
// own, under the same key: the same backoff and breaker. `previous` is read once, and never shared.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/queue_budget.h"
#include "tools/pod_log_memory.h"
#include "tools/pod_log_request.h"
#include "tools/watch_manager.h"

namespace tools {

class PodLogWatch;

class PodLogManager final : public WatchManager {
 public:
  explicit PodLogManager(const ManagerContext& context) : WatchManager(context, "podlogs") {}
  ~PodLogManager() override { drop_watches(); }

  // Requires: the request's names are checked and its namespace is allowed. nullptr: refused inside
  // (breaker open, not running).
  std::unique_ptr<mcp::Feed> subscribe(mcp::Subscriber& subscriber, PodLogRequest request);

  // For its watches.
  base::QueueBudget& memory_budget() { return memory_budget_; }
  static std::string key_of(std::string_view identity, const PodLogRequest& request);
  // The stream of `slot` that `request` may share.
  PodLogWatch* stream_for(const std::string& slot, const PodLogRequest& request) const;

 private:
  base::QueueBudget memory_budget_{kLogMemoryBudget};
};

}  // namespace tools
