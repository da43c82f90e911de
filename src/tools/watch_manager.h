// WatchManager: what EventManager, PodLogManager and GraphManager are: the owner of the shared
// watches of one kind, from start() to stop(). Its scope lies in the server's, its watches' scopes
// in its own: none can be made without it, and none outlives stop().
//
//   made  --start()-->  running  --stop()-->  stopping  --nothing left, or the deadline-->  stopped
//   made, stopping, stopped: subscriptions are refused with the reason
//
// A kind adds subscribe(): say which key, look whether a watch has it (find), else make one (open);
// make a feed and let it join.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/delegate.h"
#include "loop/lifecycle.h"
#include "loop/loop.h"
#include "mcp/resource.h"
#include "tools/manager_context.h"
#include "tools/queue_stats.h"
#include "tools/shared_watch.h"
#include "tools/watch_info.h"

namespace tools {

// A subscriber waits for the first attempt as long as this when the failures of an earlier watch
// delay it; it is refused at once, with the time, when that takes longer: clients wait for an
// answer a minute at most.
constexpr base::Duration kSubscribePatience = base::seconds(5);

// How a stop() went: the names of what was left when its deadline came; clean when none was.
struct StopReport {
  std::string_view manager;
  std::vector<std::string> left;
  base::Duration took{};
  bool clean() const { return left.empty(); }
};

// Watches end at once; this is for one that for some reason does not.
constexpr base::Duration kStopTime = base::seconds(10);

class WatchManager {
 public:
  using StopFn = base::Delegate<void(const StopReport&)>;

  // What `context` refers to outlives it. `name`: a literal: events, podlogs, graph.
  WatchManager(const ManagerContext& context, std::string_view name);
  WatchManager(const WatchManager&) = delete;
  WatchManager& operator=(const WatchManager&) = delete;
  // Requires: the turn in which a watch went last is over (the loop frees it then).
  virtual ~WatchManager();

  void start();
  std::string_view name() const { return name_; }
  // Watches that were not let go yet; those that linger count.
  std::size_t active() const { return watches_.size(); }
  std::vector<std::string> keys() const;
  std::size_t subscribers() const;
  std::vector<WatchInfo> watches() const;
  const ManagerContext& context() const { return context_; }
  QueueStats& stats() { return stats_; }
  const QueueStats& stats() const { return stats_; }

  // Refuses from now on, cancels every watch, and tells `done` once, in a later callback: when the
  // last one is gone, or after `deadline` with the names of those left, which are logged. Blocks
  // nothing. Feeds may outlive this; they tell what they hold.
  void stop(base::Duration deadline = kStopTime, StopFn done = {});

  // Of what belongs to it: watches, and what a kind makes before one.
  loop::Scope& scope() { return scope_; }

 protected:
  // The refusals that all kinds have in common: not running; the breaker of `key` is open, or the
  // delay of its last failure is long (says when it may be tried again). True: told to the
  // subscriber and logged. `what`: "events of namespace 'a' cannot be watched now".
  bool refuses(mcp::Subscriber& subscriber, const std::string& key, std::string_view what);
  // A caller who has as many watches as he may have gets no other one; those that he has go on, and
  // more of his subscriptions may share them. True: told to the subscriber. Before open().
  bool full(mcp::Subscriber& subscriber);
  // The first watch of `slot` that fits(watch), nullptr when there is none.
  template <class Fits>
  SharedWatch* find(const std::string& slot, Fits fits) const {
    auto [at, end] = watches_.equal_range(slot);
    for (; at != end; ++at)
      if (fits(*at->second)) return at->second.get();
    return nullptr;
  }
  SharedWatch* find(const std::string& slot) const {
    return find(slot, [](const SharedWatch&) { return true; });
  }
  // Owns it from now on, and begins it.
  template <class Watch>
  Watch& open(std::unique_ptr<Watch> watch) {
    Watch& out = *watch;
    add(std::move(watch));
    return out;
  }
  // For the destructor of a kind whose watches use what it owns.
  void drop_watches() { watches_.clear(); }

 private:
  friend class SharedWatch;
  enum class State : unsigned char { made, running, stopping, stopped };
  void add(std::unique_ptr<SharedWatch> watch);
  void release(SharedWatch& watch);  // freed at the end of the turn
  void on_empty();
  void report();

  ManagerContext context_;
  std::string_view name_;
  QueueStats stats_;
  State state_ = State::made;
  base::TimePoint stop_at_{};
  StopFn done_;
  loop::Scope scope_;
  loop::Deferred report_;
  loop::Timer deadline_;
  // By slot; several only where a kind cannot let all subscribers of one share.
  std::unordered_multimap<std::string, std::unique_ptr<SharedWatch>> watches_;
};

}  // namespace tools
