#include "logs/manager.h"

#include <utility>

#include "logs/feed.h"

namespace logs {

std::string Manager::key_of(std::string_view identity, const Request& request) {
  return std::string("podlogs ").append(identity) + " " + request.ns + "/" + request.pod + "/" +
         request.container;
}

Watch* Manager::stream_for(const std::string& slot, const Request& request) const {
  return find(slot, [&](const Watch& watch) { return watch.serves(request).has_value(); });
}

std::unique_ptr<mcp::Feed> Manager::subscribe(mcp::Subscriber& subscriber, Request request) {
  const std::string& identity = subscriber.caller().identity;
  const std::string slot = "podlogs " + identity + " " + request.ns + "/" + request.pod;
  // While a watch lives for which a container was chosen, that choice is reused.
  if (request.container.empty()) {
    const Watch* chosen = find(slot, [](const Watch& watch) { return !watch.chosen().empty(); });
    if (chosen) request.container = chosen->chosen();
  }
  const std::string key = key_of(identity, request);
  auto error = refusal(key, "the log of pod '" + request.pod + "' cannot be followed now");
  Watch* watch = error ? nullptr : stream_for(slot, request);
  if (!error && !watch) error = share_refusal(subscriber.caller());
  if (error) {
    subscriber.refused(*std::move(error));
    return nullptr;
  }
  if (!watch) {
    fanout::SharedWatch::Spec spec{key, slot, subscriber.caller(), fanout::Dialect::type};
    watch = open(std::make_unique<Watch>(*this, std::move(spec), request));
  }
  auto feed = std::make_unique<Feed>(*watch, subscriber, std::move(request));
  watch->join(*feed);
  return feed;
}

}  // namespace logs
