#include "tools/pod_log_manager.h"

#include <utility>

#include "tools/pod_log_feed.h"
#include "tools/pod_log_watch.h"

namespace tools {

std::string PodLogManager::key_of(std::string_view identity, const PodLogRequest& request) {
  return std::string("podlogs ").append(identity) + " " + request.ns + "/" + request.pod + "/" +
         request.container;
}

PodLogWatch* PodLogManager::stream_for(const std::string& slot,
                                       const PodLogRequest& request) const {
  // All watches of this manager are PodLogWatches.
  return static_cast<PodLogWatch*>(find(slot, [&](const SharedWatch& watch) {
    return static_cast<const PodLogWatch&>(watch).serves(request).has_value();
  }));
}

std::unique_ptr<mcp::Feed> PodLogManager::subscribe(mcp::Subscriber& subscriber,
                                                    PodLogRequest request) {
  const std::string& identity = subscriber.caller().identity;
  const std::string slot = "podlogs " + identity + " " + request.ns + "/" + request.pod;
  // While a watch lives for which a container was chosen, that choice is reused.
  if (request.container.empty()) {
    const SharedWatch* chosen = find(slot, [](const SharedWatch& watch) {
      return !static_cast<const PodLogWatch&>(watch).chosen().empty();
    });
    if (chosen) request.container = static_cast<const PodLogWatch*>(chosen)->chosen();
  }
  const std::string key = key_of(identity, request);
  if (refuses(subscriber, key, "the log of pod '" + request.pod + "' cannot be followed now"))
    return nullptr;
  PodLogWatch* watch = stream_for(slot, request);
  if (!watch) {
    if (full(subscriber)) return nullptr;
    SharedWatch::Spec spec{key, slot, subscriber.caller(), Dialect::type};
    watch = &open(std::make_unique<PodLogWatch>(*this, std::move(spec), request));
  }
  auto feed = std::make_unique<PodLogFeed>(*watch, subscriber, std::move(request));
  watch->join(*feed);
  return feed;
}

}  // namespace tools
