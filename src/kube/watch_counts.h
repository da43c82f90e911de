// WatchCounts: what happened to all watches and log streams since the start. Sums, because they
// outlive the watches; WatchStatus has what is so now. Kept by the RetryTable, counted through each
// key's Retry.
#pragma once

#include <array>
#include <cstdint>

#include "base/error.h"
#include "base/metrics.h"
#include "watchutil/circuit_breaker.h"

namespace kube {

// The default backoff's steps; a delay includes its jitter, the breaker's cooldown, Retry-After.
constexpr std::array<base::Duration, 8> kDelayBounds = {
    base::seconds(1),  base::seconds(2),  base::seconds(5),  base::seconds(10),
    base::seconds(20), base::seconds(40), base::seconds(75), base::seconds(300)};

struct WatchCounts {
  std::array<std::uint64_t, base::kErrcs> errors{};  // of attempts and streams, refusals included
  std::uint64_t restarts = 0;                        // connections of a watch after its first
  std::array<std::uint64_t, watchutil::kBreakerStates> breaker_changes{};  // by the new state
  base::metrics::Histogram delays{kDelayBounds};  // after each failure that counts
};

}  // namespace kube
