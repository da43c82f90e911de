// The one list of what the server offers: every tool and resource family, added to a Registry.
#pragma once

#include "mcp/registry.h"
#include "tools/event_manager.h"
#include "tools/graph_manager.h"
#include "tools/kube_context.h"
#include "tools/manager_context.h"
#include "tools/pod_log_manager.h"

namespace tools {

// The managers whose feeds the resources give out.
struct Managers {
  explicit Managers(const ManagerContext& context)
      : events(context), pod_logs(context), graph(context) {}
  EventManager events;
  PodLogManager pod_logs;
  GraphManager graph;

  // Each of them.
  template <class Fn>
  void for_each(Fn fn) {
    fn(static_cast<WatchManager&>(events));
    fn(static_cast<WatchManager&>(pod_logs));
    fn(static_cast<WatchManager&>(graph));
  }
  std::size_t active() const { return events.active() + pod_logs.active() + graph.active(); }
};

// All outlive the registry.
void register_all(mcp::Registry& registry, KubeContext& context, Managers& managers);

}  // namespace tools
