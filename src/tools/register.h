// Registers everything that the server offers: every tool and resource family.
#pragma once

#include <vector>

#include "mcp/registry.h"
#include "tools/event_manager.h"
#include "tools/graph_manager.h"
#include "tools/kube_context.h"
#include "tools/manager_context.h"
#include "tools/pod_log_manager.h"
#include "tools/watch_info.h"

namespace tools {

// The managers behind the resources' subscriptions.
struct Managers {
  explicit Managers(const ManagerContext& context)
      : events(context), pod_logs(context), graph(context) {}
  EventManager events;
  PodLogManager pod_logs;
  GraphManager graph;

  // Calls fn(WatchManager&) for each of them.
  template <class Fn>
  void for_each(Fn fn) {
    each(*this, fn);
  }
  template <class Fn>
  void for_each(Fn fn) const {
    each(*this, fn);
  }
  // The watches of all managers, for the status pages.
  std::vector<WatchInfo> watches() const;
  std::size_t active() const { return events.active() + pod_logs.active() + graph.active(); }

 private:
  template <class Self, class Fn>
  static void each(Self& self, Fn& fn) {
    fn(self.events);
    fn(self.pod_logs);
    fn(self.graph);
  }
};

// `context` and `managers` must outlive the registry.
void register_all(mcp::Registry& registry, KubeContext& context, Managers& managers);

}  // namespace tools
