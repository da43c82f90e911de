// WatchInfo: what the status pages show of one shared watch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"
#include "kube/watch/watch_status.h"
#include "watchutil/circuit_breaker.h"

namespace fanout {

struct WatchInfo {
  std::string_view manager;  // a literal: events, podlogs, graph
  std::string key;           // as in the logs: manager, identity, what is watched
  std::string identity;      // whose watch it is; the part of `key` that strangers must not see
  kube::watch::WatchStatus status;
  watchutil::CircuitBreaker::State breaker = watchutil::CircuitBreaker::State::closed;
  base::Duration breaker_retry{};  // until the breaker allows an attempt
  std::uint64_t failures = 0;      // consecutive, as the backoff counts them
  std::size_t subscribers = 0;
};

}  // namespace fanout
