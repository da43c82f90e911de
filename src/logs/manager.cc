#include "logs/manager.h"

#include <utility>

#include "logs/feed.h"
#include "logs/watch.h"

namespace logs {

std::string Manager::key_of(std::string_view identity, const Request& request) {
  return std::string("podlogs ").append(identity) + " " + request.ns + "/" + request.pod + "/" +
         request.container;
}

Watch* Manager::stream_for(const std::string& slot, const Request& request) const {
  // All watches of this manager are PodLogWatches.
  return static_cast<Watch*>(find(slot, [&](const fanout::SharedWatch& watch) {
    return static_cast<const Watch&>(watch).serves(request).has_value();
  }));
}

std::unique_ptr<mcp::Feed> Manager::subscribe(mcp::Subscriber& subscriber, Request request) {
  const std::string& identity = subscriber.caller().identity;
  const std::string slot = "podlogs " + identity + " " + request.ns + "/" + request.pod;
  // While a watch lives for which a container was chosen, that choice is reused.
  if (request.container.empty()) {
    const fanout::SharedWatch* chosen = find(slot, [](const fanout::SharedWatch& watch) {
      return !static_cast<const Watch&>(watch).chosen().empty();
    });
    if (chosen) request.container = static_cast<const Watch*>(chosen)->chosen();
  }
  const std::string key = key_of(identity, request);
  if (refuses(subscriber, key, "the log of pod '" + request.pod + "' cannot be followed now"))
    return nullptr;
  Watch* watch = stream_for(slot, request);
  if (!watch) {
    if (full(subscriber)) return nullptr;
    fanout::SharedWatch::Spec spec{key, slot, subscriber.caller(), fanout::Dialect::type};
    watch = &open(std::make_unique<Watch>(*this, std::move(spec), request));
  }
  auto feed = std::make_unique<Feed>(*watch, subscriber, std::move(request));
  watch->join(*feed);
  return feed;
}

}  // namespace logs
