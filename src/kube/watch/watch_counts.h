// WatchCounts: totals over all watches and log streams since the start, which outlive the watches;
// WatchStatus is the present state of one. The RetryTable owns them; each key's Retry counts.
#pragma once

#include <array>
#include <cstdint>

#include "base/error.h"
#include "base/metrics.h"
#include "watchutil/circuit_breaker.h"

namespace kube::watch {

// The steps of the default backoff; a delay includes jitter, the breaker's cooldown and
// Retry-After.
constexpr std::array<base::Duration, 8> kDelayBounds = {
    base::seconds(1),  base::seconds(2),  base::seconds(5),  base::seconds(10),
    base::seconds(20), base::seconds(40), base::seconds(75), base::seconds(300)};

struct WatchCounts {
  std::array<std::uint64_t, base::kErrcs> errors{};  // of attempts and streams, refusals included
  std::uint64_t restarts = 0;                        // connections of a watch after its first
  std::array<std::uint64_t, watchutil::kBreakerStates> breaker_changes{};  // by the new state
  base::metrics::Histogram delays{kDelayBounds};  // after each failure that counts
};

}  // namespace kube::watch
