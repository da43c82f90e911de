// State: the state that the parts of mcp/ share. A member of the Endpoint; outlives all of them.
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
#include "mcp/jsonrpc.h"
#include "mcp/registry.h"
#include "mcp/shared/answer.h"
#include "mcp/shared/keep_alive.h"
#include "mcp/shared/options.h"
#include "mcp/shared/pace.h"
#include "mcp/shared/recheck.h"
#include "mcp/shared/replay.h"
#include "mcp/shared/request_stats.h"

namespace mcp::shared {

// Assumed size of an answer before it is made; a larger one is checked when it is made.
constexpr std::size_t kAnswerRoom = 64 * base::limits::kKiB;

using mcp::counted_owner;
using mcp::owner_of;

// Does the method's answer need room? Small answers (ping and the like) are sent in any case.
inline bool asks_for_much(std::string_view method) {
  return method.ends_with("/call") || method.ends_with("/read") || method.ends_with("/list") ||
         method.ends_with("/get") || method.ends_with("/complete");
}

struct State {
  State(loop::Loop& on, Registry& of, Authenticator& authenticator, Options given)
      : loop(on),
        registry(of),
        options(std::move(given)),
        recheck(on, authenticator),
        pace(on, options.rates),
        keep_alive(on),
        progress_(on, "mcp progress", loop::Deferred::Fn::bind<&State::tell>(this)) {
    budgets().sessions.set_limit(options.max_sessions);
    budgets().sessions.set_share(options.max_sessions_per_caller);
  }

  loop::Loop& loop;
  Registry& registry;
  const Options options;
  Recheck recheck;       // the tokens of sessions, streams, calls and tasks
  Pace pace;             // every caller's
  KeepAlive keep_alive;  // every event stream
  // The budgets of all that clients can make the server hold.
  base::Budgets& budgets() { return options.budgets ? *options.budgets : own_budgets_; }
  // Is there room for one more in `part` (sessions, streams, calls) for this caller? If not, it
  // counts as a refusal.
  static Full room_in(base::Budget& part, const Caller& caller) {
    if (part.allows(counted_owner(caller), 1) && part.has_room(1)) return Full::no;
    part.count_refusal();
    return part.has_room(1) ? Full::caller : Full::all;
  }
  // The budget of all that waits for slow readers.
  base::QueueBudget& budget() { return budgets().queues; }

  // The events kept for clients that come back.
  ReplayPool& replays() { return replays_; }

  // See EndpointStats.
  std::size_t streams = 0, subscriptions = 0, calls = 0;
  std::uint64_t delivered = 0, dropped = 0;
  // The requests of both eras: the code that ends a request counts it here, once.
  RequestStats requests;

  bool draining = false;      // no new work begins, but calls still do
  bool calls_over = false;    // nor do calls
  bool streams_over = false;  // no new stream is opened

  base::Delegate<void()> progress_fn;
  // Something ended. While draining, this schedules progress_fn.
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

}  // namespace mcp::shared
