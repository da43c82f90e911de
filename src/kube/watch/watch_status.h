// WatchStatus: the present state of one watch or log stream, for operators. Filled by
// Reflector::status() and LogStream::status(); shown by /readyz, /healthz?verbose, /metrics and
// k0rdent://watches.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"

namespace kube::watch {

struct WatchStatus {
  std::string_view state = "stopped";  // a literal: listing, connecting, open, confirmed, waiting …
  base::TimePoint since{};             // in this state
  std::optional<base::TimePoint> last_event;  // the last frame or line, bookmarks included
  std::string resource_version;               // the cursor; "" for none, and for logs
  std::uint64_t restarts = 0;                 // connections after the first
  std::uint64_t lists = 0;                    // complete lists; 0 for logs
  // Lists that were older than the versions seen before: a stale API server, or an etcd restored
  // from a backup.
  std::uint64_t rv_regressions = 0;
  std::optional<base::TimePoint> down_since;  // from the first failure to the next confirmed stream
  std::optional<base::TimePoint> next_attempt;  // while waiting
  // Why it is down, or was down last; code() is the class for metrics.
  std::optional<base::Error> last_error;
};

}  // namespace kube::watch
