// The one list of what the server offers: every tool and resource family, added to a Registry.
#pragma once

#include "mcp/registry.h"
#include "tools/event_manager.h"
#include "tools/kube_context.h"
#include "tools/pod_log_manager.h"

namespace tools {

// The managers whose feeds the resources give out.
struct Managers {
  explicit Managers(KubeContext& context) : events(context), pod_logs(context) {}
  EventManager events;
  PodLogManager pod_logs;

  std::size_t active() const { return events.active() + pod_logs.active(); }
  void stop() {
    events.stop();
    pod_logs.stop();
  }
};

// All outlive the registry.
void register_all(mcp::Registry& registry, KubeContext& context, Managers& managers);

}  // namespace tools
