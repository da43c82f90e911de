#include "monitor/manager.h"

#include <utility>

#include "monitor/feed.h"

namespace monitor {

std::unique_ptr<mcp::Feed> Manager::subscribe(mcp::Subscriber& subscriber, Request request) {
  const std::optional<base::Duration> timeout = request.timeout;
  const std::string what = request.ns + "/" + request.name;
  const std::string key = "cluster-monitor " + subscriber.caller().identity + " " + what;
  // One whose last update was given is as good as gone.
  Watch* watch = find(key, [](const Watch& each) { return !each.over(); });
  if (!watch) {
    auto error = refusal(key, "ClusterDeployment " + what + " cannot be watched now");
    if (!error) error = share_refusal(subscriber.caller());
    if (error) {
      subscriber.refused(*std::move(error));
      return nullptr;
    }
    watch = open(std::make_unique<Watch>(
        *this, fanout::SharedWatch::Spec{key, key, subscriber.caller(), fanout::Dialect::action},
        std::move(request)));
  }
  auto feed = std::make_unique<Feed>(*watch, subscriber, timeout);
  watch->join(*feed);
  return feed;
}

}  // namespace monitor
