// PodLogManager: follows containers' logs for subscribers of
// k0rdent://podlogs/{namespace}/{pod}/{container}.
//
//   subscribe → the pod is looked at (container chosen when none is named) → the log opens:
//   accepted; refused with what the API server said otherwise delta
//   {"type":"line","sequence":1…,"timestamp":T,"line":TEXT}  T: when the container wrote it, RFC
//   3339 UTC (when unknown: when it arrived);
//                                                                      "truncated":true when the
//                                                                      line was longer than a
//                                                                      megabyte
//             {"type":"gap"|"restart","message":…}                     lines may be missing here; a
//             new instance of the container begins here
//             {"type":"dropped","dropped":N,"message":…}
//             {"type":"error","error":…}                               the API server refuses to go
//             on; followed by end
//             {"type":"end","reason":…}                                nothing more will come; the
//             subscription is over
//
// Each subscription has a stream of its own: what a late subscriber should see first (tailLines,
// sinceSeconds) only the API server can tell. A subscriber that does not read pauses its own
// stream: back-pressure reaches the kubelet, no line is lost. Backoff
// and breaker belong to (identity, pod, container) and outlive subscriptions.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "loop/lifecycle.h"
#include "mcp/resource.h"
#include "tools/kube_context.h"
#include "tools/pod_log_request.h"

namespace tools {

class PodLogFeed;

class PodLogManager {
 public:
  explicit PodLogManager(KubeContext& context);  // `context` outlives it
  ~PodLogManager();                              // Requires: every feed is gone

  // Requires: the request's names are checked and its namespace is allowed. nullptr: refused inside
  // (breaker open, stopping).
  std::unique_ptr<mcp::Feed> subscribe(mcp::Subscriber& subscriber, PodLogRequest request);
  std::size_t active() const { return feeds_.size(); }
  std::vector<std::string> keys() const;
  // No new subscriptions; every stream closes now. Feeds may outlive this and stay silent.
  void stop();

 private:
  friend class PodLogFeed;
  KubeContext& context_;
  loop::Scope scope_{"pod logs"};
  bool stopping_ = false;
  std::vector<PodLogFeed*> feeds_;
};

}  // namespace tools
