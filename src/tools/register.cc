#include "tools/register.h"

#include <utility>

#include "tools/event_resource.h"
#include "tools/events_tool.h"
#include "tools/graph_resource.h"
#include "tools/graph_tool.h"
#include "tools/namespaces_tool.h"
#include "tools/pod_log_resource.h"
#include "tools/pod_logs_tool.h"
#include "tools/watches_resource.h"

namespace tools {

std::vector<WatchInfo> Managers::watches() const {
  std::vector<WatchInfo> all;
  for_each([&](const WatchManager& manager) {
    for (WatchInfo& each : manager.watches())
      all.push_back(std::move(each));
  });
  return all;
}

void register_all(mcp::Registry& registry, KubeContext& context, Managers& managers) {
  registry.add(make_namespaces_tool(context));
  registry.add(make_events_tool(context));
  registry.add(make_pod_logs_tool(context));
  registry.add(make_graph_tool(context, managers.graph));
  registry.add(make_event_resource(context, managers.events));
  registry.add(make_pod_log_resource(context, managers.pod_logs));
  registry.add(make_graph_resource(context, managers.graph));
  registry.add(make_watches_resource(context, managers));
}

}  // namespace tools
