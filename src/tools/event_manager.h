// EventManager: turns namespaces' events into deltas for subscribers of
// k0rdent://events/{namespace}. One watch per key (identity, namespace), shared by its subscribers,
// started by the first and closed with the last.
//
//   subscribe → watch of the key exists and is synced: accepted, snapshot from memory, then deltas
//             → not yet: the first complete list decides: accepted, or refused with what the API
//             server or the breaker said
//   delta     {"action":"ADDED"|"MODIFIED"|"DELETED","event":EVENT}: each state of each event once;
//   the snapshot is ADDED, in the order the cluster recorded
//             {"action":"ERROR","event":{…"message":WHY,"namespace":NS}}: the API server refuses
//             the watch, or the subscription ends
//             {"action":"DROPPED","dropped":N,"message":…}: the subscriber was too slow; a read of
//             the resource gives the present state
//
// Watches live inside the manager's scope: stop() ends them all, and none can be made without a
// manager.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "mcp/resource.h"
#include "tools/event_view.h"
#include "tools/kube_context.h"

namespace tools {

class EventWatch;
class EventFeed;

class EventManager {
 public:
  explicit EventManager(KubeContext& context);  // `context` outlives it
  ~EventManager();                              // Requires: every feed is gone

  // Requires: `ns` is a DNS label that the filter allows. nullptr: refused inside (breaker open,
  // stopping).
  std::unique_ptr<mcp::Feed> subscribe(mcp::Subscriber& subscriber, const std::string& ns);
  std::size_t active() const { return watches_.size(); }
  std::vector<std::string> keys() const;  // of the active watches, for logs
  // No new subscriptions; every watch closes now. Feeds may outlive this and stay silent.
  void stop();

 private:
  friend class EventWatch;
  friend class EventFeed;
  void release(EventWatch& watch);  // its last feed left: closed and freed

  KubeContext& context_;
  bool stopping_ = false;
  std::unordered_map<std::string, std::unique_ptr<EventWatch>> watches_;
};

}  // namespace tools
