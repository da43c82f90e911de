#include "objects/manager.h"

#include <utility>

#include "fanout/collection_feed.h"

namespace objects {

std::unique_ptr<mcp::Feed> Manager::subscribe(mcp::Subscriber& subscriber, Request request) {
  const std::string key = "objects " + subscriber.caller().identity + " " + request.key();
  Watch* watch = find(key);
  if (!watch) {
    auto error = refusal(key, request.text() + " cannot be watched now");
    if (!error) error = share_refusal(subscriber.caller());
    if (error) {
      subscriber.refused(*std::move(error));
      return nullptr;
    }
    watch = open(std::make_unique<Watch>(
        *this, fanout::SharedWatch::Spec{key, key, subscriber.caller(), fanout::Dialect::action},
        std::move(request)));
  }
  auto feed = std::make_unique<fanout::CollectionFeed>(*watch, subscriber);
  watch->join(*feed);
  return feed;
}

}  // namespace objects
