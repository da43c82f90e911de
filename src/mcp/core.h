// Core: what the parts of mcp/ share. Lives in the Endpoint, outlives all of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/budgets.h"
#include "base/delegate.h"
#include "base/limits.h"
#include "loop/loop.h"
#include "mcp/endpoint.h"
#include "mcp/keep_alive.h"
#include "mcp/recheck.h"
#include "mcp/registry.h"
#include "mcp/request_stats.h"

namespace mcp {

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
  // Of all that waits for slow readers.
  base::QueueBudget& budget() { return budgets().queues; }

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
  void tell() {
    if (progress_fn) progress_fn();
  }
  loop::Deferred progress_;
};

}  // namespace mcp
