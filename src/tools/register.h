// Registers everything that the server offers: every tool and resource family.
#pragma once

#include <vector>

#include "catalog/catalog.h"
#include "cluster/cluster.h"
#include "events/manager.h"
#include "fanout/context.h"
#include "fanout/watch_info.h"
#include "graph/manager.h"
#include "logs/manager.h"
#include "mcp/registry.h"
#include "monitor/manager.h"
#include "objects/manager.h"

namespace change {
struct Context;
}

namespace tools {

// The managers behind the resources' subscriptions.
struct Managers {
  explicit Managers(const fanout::Context& context)
      : events(context), pod_logs(context), graph(context), monitor(context), objects(context) {}
  events::Manager events;
  logs::Manager pod_logs;
  graph::Manager graph;
  monitor::Manager monitor;
  objects::Manager objects;

  // Calls fn(fanout::Manager&) for each of them.
  template <class Fn>
  void for_each(Fn fn) {
    each(*this, fn);
  }
  template <class Fn>
  void for_each(Fn fn) const {
    each(*this, fn);
  }
  // The watches of all managers, for the status pages.
  std::vector<fanout::WatchInfo> watches() const;
  std::size_t active() const {
    return events.active() + pod_logs.active() + graph.active() + monitor.active() +
           objects.active();
  }

 private:
  template <class Self, class Fn>
  static void each(Self& self, Fn& fn) {
    fn(self.events);
    fn(self.pod_logs);
    fn(self.graph);
    fn(self.monitor);
    fn(self.objects);
  }
};

// `cluster`, `managers` and `catalog` must outlive the registry.
void register_all(mcp::Registry& registry, cluster::Cluster& cluster, Managers& managers,
                  catalog::Catalog& catalog);
// The tools that write. All must outlive the registry. `why_not`: why they are not offered
// (Registry::withhold); "": they are.
void register_writes(mcp::Registry& registry, change::Context& context, catalog::Catalog& catalog,
                     const std::string& why_not = {});

}  // namespace tools
