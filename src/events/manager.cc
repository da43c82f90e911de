#include "events/manager.h"

#include <utility>

#include "events/feed.h"
#include "events/watch.h"

namespace events {

std::unique_ptr<mcp::Feed> Manager::subscribe(mcp::Subscriber& subscriber, Selector selector) {
  const std::string key =
      "events " + subscriber.caller().identity + " " + selector.ns() + selector.key();
  // All watches of this manager are EventWatches.
  auto* watch = static_cast<Watch*>(find(key));
  if (!watch) {
    if (refuses(subscriber, key,
                "events of namespace '" + selector.ns() + "' cannot be watched now"))
      return nullptr;
    if (full(subscriber)) return nullptr;
    watch = &open(std::make_unique<Watch>(
        *this, fanout::SharedWatch::Spec{key, key, subscriber.caller(), fanout::Dialect::action},
        std::move(selector)));
  }
  auto feed = std::make_unique<Feed>(*watch, subscriber);
  watch->join(*feed);
  return feed;
}

}  // namespace events
