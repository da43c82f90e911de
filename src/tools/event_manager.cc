#include "tools/event_manager.h"

#include <utility>

#include "base/log.h"
#include "tools/event_watch.h"

namespace tools {

EventManager::EventManager(KubeContext& context) : context_(context) {}
EventManager::~EventManager() {
  stop();
}

static mcp::RpcError refusal(std::string message) {
  return {mcp::RpcCode::internal_error, std::move(message), {}};
}

std::unique_ptr<mcp::Feed> EventManager::subscribe(mcp::Subscriber& subscriber,
                                                   const std::string& ns) {
  if (stopping_) {
    subscriber.refused(refusal("the server is shutting down"));
    return nullptr;
  }
  const mcp::Caller& caller = subscriber.caller();
  std::string key = "events " + caller.identity + " " + ns;
  auto found = watches_.find(key);
  if (found == watches_.end()) {
    kube::RetryTable::Use retry = context_.retries.use(key);
    if (const base::Duration wait = retry->retry_after();
        wait > base::Duration::zero()) {
      LOG_INFO("subscription refused", {"watch", key}, {"breaker", "open"},
               {"retry_in_ms", base::to_ms(wait)});
      subscriber.refused(
          refusal("events of namespace '" + ns +
                  "' cannot be watched now: the API server kept failing; try again in " +
                  base::format_duration(std::chrono::ceil<base::seconds>(wait))));
      return nullptr;
    }
    auto watch = std::make_unique<EventWatch>(*this, key, ns, credentials_of(caller));
    watch->start();
    found = watches_.emplace(std::move(key), std::move(watch)).first;
  }
  auto feed = std::make_unique<EventFeed>(found->second.get(), subscriber);
  found->second->join(*feed);
  return feed;
}

std::vector<std::string> EventManager::keys() const {
  std::vector<std::string> out;
  for (const auto& [key, watch] : watches_)
    out.push_back(key);
  return out;
}

void EventManager::release(EventWatch& watch) {
  auto it = watches_.find(watch.key());
  if (it == watches_.end() || it->second.get() != &watch) return;
  std::unique_ptr<EventWatch> dead = std::move(it->second);
  watches_.erase(it);
  context_.loop.retire(std::move(dead));
}

void EventManager::stop() {
  stopping_ = true;
  watches_.clear();  // each detaches its feeds
}

}  // namespace tools
