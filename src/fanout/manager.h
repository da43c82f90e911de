// Manager: the base of the managers of events, logs, graph, monitor and objects: owns the shared
// watches of one kind, from start() to stop(). Its scope is below the server's, and its watches' scopes are
// below its own: no watch can be made without it, and none outlives stop().
//
//   made  --start()-->  running  --stop()-->  stopping  --nothing left, or the deadline-->  stopped
//   made, stopping, stopped: subscriptions are refused with the reason
//
// A kind (a ManagerOf, typed.h) adds subscribe(), which computes the key, finds a watch that has it
// (find) or makes one (open), makes a feed and lets it join.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/delegate.h"
#include "fanout/context.h"
#include "fanout/queue_stats.h"
#include "fanout/shared_watch.h"
#include "fanout/watch_info.h"
#include "loop/lifecycle.h"
#include "loop/loop.h"
#include "mcp/resource.h"

namespace fanout {

// How long a subscriber waits for the first attempt when failures of an earlier watch delay it. If
// that takes longer the subscription is refused at once, with the time to try again: clients wait a
// minute at most for an answer.
constexpr base::Duration kSubscribePatience = base::seconds(5);

// How a stop() went: the names of what was left at its deadline; clean when nothing was.
struct StopReport {
  std::string_view manager;
  std::vector<std::string> left;
  base::Duration took{};
  bool clean() const { return left.empty(); }
};

// Watches end at once; the deadline is for one that for some reason does not.
constexpr base::Duration kStopTime = base::seconds(10);

class Manager {
 public:
  using StopFn = base::Delegate<void(const StopReport&)>;

  // What `context` refers to must outlive this. `name`: a literal: events, podlogs, …
  Manager(const Context& context, std::string_view name);
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;
  // Requires: the turn of the loop in which the last watch went is over (the loop frees it then).
  virtual ~Manager();

  void start();
  std::string_view name() const { return name_; }
  // Watches that were not let go yet, lingering ones included.
  std::size_t active() const { return watches_.size(); }
  std::vector<std::string> keys() const;
  std::size_t subscribers() const;
  std::vector<WatchInfo> watches() const;
  const Context& context() const { return context_; }
  QueueStats& stats() { return stats_; }
  const QueueStats& stats() const { return stats_; }

  // Refuses subscriptions from now on, cancels every watch, and calls `done` once, in a later
  // callback: when the last watch is gone, or after `deadline` with the names of those left, which
  // are logged. Does not block. Feeds may outlive this; they send what they hold.
  void stop(base::Duration deadline = kStopTime, StopFn done = {});

  // The parent scope of what belongs to this: watches, and what a kind makes before one.
  loop::Scope& scope() { return scope_; }

 protected:
  // Why a subscription is refused, for the reasons that all kinds share: not running; the breaker of
  // `key` is open, or the delay after its last failure is long (the message says when to try again).
  // It is logged. `what`: "events of namespace 'a' cannot be watched now".
  std::optional<mcp::RpcError> refusal(const std::string& key, std::string_view what);
  // The same for a caller that has all the watches of its share; those that it has go on, and more
  // of its subscriptions may share them. Call it before a watch is made.
  std::optional<mcp::RpcError> share_refusal(const mcp::Caller& caller);
  template <class Fits>
  SharedWatch* find(const std::string& slot, Fits fits) const {
    auto [at, end] = watches_.equal_range(slot);
    for (; at != end; ++at)
      if (fits(*at->second)) return at->second.get();
    return nullptr;
  }
  // Takes ownership of `watch` and starts it.
  void add(std::unique_ptr<SharedWatch> watch);
  // For the destructor of a kind whose watches use its members.
  void drop_watches() { watches_.clear(); }

 private:
  friend class SharedWatch;
  enum class State : unsigned char { made, running, stopping, stopped };
  void release(SharedWatch& watch);  // freed at the end of the turn
  void on_empty();
  void report();

  Context context_;
  std::string_view name_;
  QueueStats stats_;
  State state_ = State::made;
  base::TimePoint stop_at_{};
  StopFn done_;
  loop::Scope scope_;
  loop::Deferred report_;
  loop::Timer deadline_;
  // By slot; a slot has several only where a kind cannot let all its subscribers share one.
  std::unordered_multimap<std::string, std::unique_ptr<SharedWatch>> watches_;
};

}  // namespace fanout
