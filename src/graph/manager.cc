#include "graph/manager.h"

#include <utility>

#include "graph/feed.h"
#include "graph/watch.h"

namespace graph {

Watch* Manager::watch_for(mcp::Subscriber& subscriber, const model::Filter& filter) {
  const std::string key = "graph " + subscriber.caller().identity;
  // All watches of this manager are GraphWatches.
  auto* watch = static_cast<Watch*>(find(key));
  if (!watch) {
    for (const std::string& each : {key, Source::first_probe_key(key)})
      if (refuses(subscriber, each, "the graph cannot be watched now")) return nullptr;
    if (full(subscriber)) return nullptr;
    auto made = std::make_unique<Watch>(
        *this, fanout::SharedWatch::Spec{key, key, subscriber.caller(), fanout::Dialect::action});
    watch = made.get();
    open(std::move(made));
  }
  watch->demand(filter);
  return watch;
}

std::unique_ptr<mcp::Feed> Manager::subscribe(mcp::Subscriber& subscriber, model::Filter filter) {
  Watch* watch = watch_for(subscriber, filter);
  if (!watch) return nullptr;
  auto feed = std::make_unique<Feed>(*watch, subscriber, std::move(filter));
  watch->join(*feed);
  return feed;
}

}  // namespace graph
