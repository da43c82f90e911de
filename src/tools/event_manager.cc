#include "tools/event_manager.h"

#include <utility>

#include "tools/event_feed.h"
#include "tools/event_watch.h"

namespace tools {

std::unique_ptr<mcp::Feed> EventManager::subscribe(mcp::Subscriber& subscriber,
                                                   EventSelector selector) {
  const std::string key =
      "events " + subscriber.caller().identity + " " + selector.ns() + selector.key();
  // All watches of this manager are EventWatches.
  auto* watch = static_cast<EventWatch*>(find(key));
  if (!watch) {
    if (refuses(subscriber, key,
                "events of namespace '" + selector.ns() + "' cannot be watched now"))
      return nullptr;
    if (full(subscriber)) return nullptr;
    watch = &open(std::make_unique<EventWatch>(
        *this, SharedWatch::Spec{key, key, subscriber.caller(), Dialect::action},
        std::move(selector)));
  }
  auto feed = std::make_unique<EventFeed>(*watch, subscriber);
  watch->join(*feed);
  return feed;
}

}  // namespace tools
