#include "tools/graph_manager.h"

#include <utility>

#include "tools/graph_feed.h"
#include "tools/graph_watch.h"

namespace tools {

GraphWatch* GraphManager::watch_for(mcp::Subscriber& subscriber, const GraphFilter& filter) {
  const std::string key = "graph " + subscriber.caller().identity;
  // All watches of this manager are GraphWatches.
  auto* watch = static_cast<GraphWatch*>(find(key));
  if (!watch) {
    for (const std::string& each : {key, GraphSource::first_probe_key(key)})
      if (refuses(subscriber, each, "the graph cannot be watched now")) return nullptr;
    if (full(subscriber)) return nullptr;
    auto made = std::make_unique<GraphWatch>(
        *this, SharedWatch::Spec{key, key, subscriber.caller(), Dialect::action});
    watch = made.get();
    open(std::move(made));
  }
  watch->demand(filter);
  return watch;
}

std::unique_ptr<mcp::Feed> GraphManager::subscribe(mcp::Subscriber& subscriber,
                                                   GraphFilter filter) {
  GraphWatch* watch = watch_for(subscriber, filter);
  if (!watch) return nullptr;
  auto feed = std::make_unique<GraphFeed>(*watch, subscriber, std::move(filter));
  watch->join(*feed);
  return feed;
}

}  // namespace tools
