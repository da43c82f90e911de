#include "events/manager.h"

#include <utility>

#include "fanout/collection_feed.h"

namespace events {

std::unique_ptr<mcp::Feed> Manager::subscribe(mcp::Subscriber& subscriber, Selector selector) {
  const std::string key =
      "events " + subscriber.caller().identity + " " + selector.ns() + selector.key();
  Watch* watch = find(key);
  if (!watch) {
    auto error = refusal(key, "events of namespace '" + selector.ns() + "' cannot be watched now");
    if (!error) error = share_refusal(subscriber.caller());
    if (error) {
      subscriber.refused(*std::move(error));
      return nullptr;
    }
    watch = open(std::make_unique<Watch>(
        *this, fanout::SharedWatch::Spec{key, key, subscriber.caller(), fanout::Dialect::action},
        std::move(selector)));
  }
  auto feed = std::make_unique<fanout::CollectionFeed>(*watch, subscriber);
  watch->join(*feed);
  return feed;
}

}  // namespace events
