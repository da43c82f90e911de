#include "tools/register.h"

#include <utility>

#include "answer/list_tool.h"
#include "catalog/list_tool.h"
#include "catalog/write_tools.h"
#include "change/context.h"
#include "deploy/tools.h"
#include "deployments/tools.h"
#include "describe/tools.h"
#include "events/list_row.h"
#include "events/resource.h"
#include "graph/resource.h"
#include "graph/snapshot_tool.h"
#include "logs/get_tool.h"
#include "logs/resource.h"
#include "monitor/resource.h"
#include "objects/resource.h"
#include "objects/tools.h"
#include "objects/write_tools.h"
#include "pods/list.h"
#include "tools/identities.h"
#include "tools/lists.h"
#include "tools/provider_list.h"
#include "tools/watches_resource.h"

namespace tools {

std::vector<fanout::WatchInfo> Managers::watches() const {
  std::vector<fanout::WatchInfo> all;
  for_each([&](const fanout::Manager& manager) {
    for (fanout::WatchInfo& each : manager.watches())
      all.push_back(std::move(each));
  });
  return all;
}

void register_all(mcp::Registry& registry, cluster::Cluster& cluster, Managers& managers,
                  catalog::Catalog& catalog) {
  for (const answer::ListRow& row : lists())
    registry.add(answer::make_list_tool(row, cluster));
  registry.add(answer::make_list_tool(pods::list_row(), cluster));
  registry.add(objects::make_kinds_tool(cluster));
  registry.add(objects::make_list_tool(cluster));
  registry.add(objects::make_get_tool(cluster));
  registry.add(objects::make_wait_tool(cluster));
  for (std::unique_ptr<mcp::Tool>& each : describe::make_tools(cluster))
    registry.add(std::move(each));
  for (auto& tool : deployments::make_tools(cluster))
    registry.add(std::move(tool));
  registry.add(catalog::make_catalog_list_tool(catalog, cluster));
  registry.add(make_providers_tool(cluster));
  registry.add(answer::make_list_tool(identities_row(), cluster));
  registry.add(answer::make_list_tool(events::list_row(), cluster));
  registry.add(logs::make_pod_logs_tool(cluster));
  registry.add(graph::make_graph_tool(cluster, managers.graph));
  registry.add(events::make_event_resource(cluster, managers.events));
  registry.add(logs::make_pod_log_resource(cluster, managers.pod_logs));
  registry.add(graph::make_graph_resource(cluster, managers.graph));
  registry.add(monitor::make_monitor_resource(cluster, managers.monitor));
  registry.add(objects::make_object_resource(cluster, managers.objects));
  registry.add(objects::make_object_list_resource(cluster, managers.objects));
  registry.add(make_watches_resource(cluster, managers));
}

void register_writes(mcp::Registry& registry, change::Context& context, catalog::Catalog& catalog,
                     const std::string& why_not) {
  const auto add = [&](std::vector<std::unique_ptr<mcp::Tool>> some) {
    for (auto& tool : some)
      why_not.empty() ? registry.add(std::move(tool)) : registry.withhold(std::move(tool), why_not);
  };
  add(objects::make_write_tools(context));
  add(deploy::make_write_tools(context));
  add(catalog::make_write_tools(context, catalog));
}

}  // namespace tools
