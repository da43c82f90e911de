#include "graph/manager.h"

#include <utility>

#include "graph/feed.h"

namespace graph {

Watch* Manager::watch_for(const mcp::Caller& caller, const model::Filter& filter,
                          mcp::RpcError& error) {
  const std::string key = "graph " + caller.identity;
  Watch* watch = find(key);
  if (!watch) {
    auto refused = refusal(key, "the graph cannot be watched now");
    if (!refused)
      refused = refusal(Source::first_probe_key(key), "the graph cannot be watched now");
    if (!refused) refused = share_refusal(caller);
    if (refused) {
      error = *std::move(refused);
      return nullptr;
    }
    watch = open(std::make_unique<Watch>(
        *this, fanout::SharedWatch::Spec{key, key, caller, fanout::Dialect::action}));
  }
  watch->demand(filter);
  return watch;
}

std::unique_ptr<mcp::Feed> Manager::subscribe(mcp::Subscriber& subscriber, model::Filter filter) {
  mcp::RpcError error;
  Watch* watch = watch_for(subscriber.caller(), filter, error);
  if (!watch) {
    subscriber.refused(std::move(error));
    return nullptr;
  }
  auto feed = std::make_unique<Feed>(*watch, subscriber, std::move(filter));
  watch->join(*feed);
  return feed;
}

}  // namespace graph
