// Core: what the parts of mcp/ share. Lives in the Endpoint, outlives all of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/budgets.h"
#include "base/delegate.h"
#include "base/limits.h"
#include "loop/loop.h"
#include "mcp/caller.h"
#include "mcp/endpoint.h"
#include "mcp/jsonrpc.h"
#include "mcp/keep_alive.h"
#include "mcp/recheck.h"
#include "mcp/registry.h"
#include "mcp/replay.h"
#include "mcp/request_stats.h"

namespace mcp {

// What an answer takes as a rule; those that are larger are seen when they are made.
constexpr std::size_t kAnswerRoom = 64 * base::limits::kKiB;

// Whose share of a budget a caller uses.
inline std::string owner_of(const Caller& caller) {
  return "caller " + caller.identity;
}

// All but a ping and the like, which are answered whatever waits.
inline bool asks_for_much(std::string_view method) {
  return method.ends_with("/call") || method.ends_with("/read") || method.ends_with("/list") ||
         method.ends_with("/get") || method.ends_with("/complete");
}

// What is said when the answers that a caller has not taken leave no room for one more.
RpcError no_room_for_answer();

struct Core {
  Core(loop::Loop& on, Registry& of, Authenticator& authenticator, EndpointOptions given)
      : loop(on),
        registry(of),
        options(std::move(given)),
        recheck(on, authenticator),
        keep_alive(on),
        progress_(on, "mcp progress", loop::Deferred::Fn::bind<&Core::tell>(this)) {}

  loop::Loop& loop;
  Registry& registry;
  const EndpointOptions options;
  Recheck recheck;       // of what lives by a token
  KeepAlive keep_alive;  // of every event stream
  // Of all that others can make us hold.
  base::Budgets& budgets() { return options.budgets ? *options.budgets : own_budgets_; }
  // Early, before anything is made for it: whether one more answer for this caller finds room
  // beside those that it has not taken yet.
  bool has_room_for_answer(const Caller& caller) {
    const base::Budget& answers = budgets().answers;
    return answers.has_room(kAnswerRoom) &&
           answers.used_by(owner_of(caller)) + kAnswerRoom <= answers.share();
  }
  // Of all that waits for slow readers.
  base::QueueBudget& budget() { return budgets().queues; }

  // What is kept for clients that come back.
  ReplayPool& replays() { return replays_; }

  // As EndpointStats.
  std::size_t streams = 0, subscriptions = 0, calls = 0;
  std::uint64_t delivered = 0, dropped = 0;
  // Of both eras: whoever ends a request says so here, once.
  RequestStats requests;

  bool draining = false;      // nothing new is begun
  bool streams_over = false;  // no stream is opened any more

  base::Delegate<void()> progress_fn;
  // Something ended. While draining whoever waits for it is told, later.
  void changed() {
    if (draining) progress_.schedule();
  }

 private:
  base::Budgets own_budgets_;
  ReplayPool replays_{budget()};
  void tell() {
    if (progress_fn) progress_fn();
  }
  loop::Deferred progress_;
};

}  // namespace mcp
