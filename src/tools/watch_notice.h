// WatchNotice: the deltas that speak of the watch instead of an object, in the two dialects:
//   events, graph  {"action":"STALE"|"FRESH"|"DROPPED", …}     logs  {"type":"stale"|"fresh"|…}
//   stale    the watch is down; "since" and "retryAt" (RFC 3339 UTC), "message" (why)
//   fresh    it is back, and what was missed meanwhile has been or will be told; "since" as before
//   dropped  "dropped": how many deltas did not fit into the subscriber's queue, "message"
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"

namespace tools {

enum class Dialect : unsigned char { action, type };

// A watch that is down: since when, when it is tried again, and why.
struct Outage {
  base::WallTime since{}, retry_at{};
  std::string message;
};

std::string stale_delta(Dialect dialect, const Outage& outage);
std::string fresh_delta(Dialect dialect, const Outage& outage);
// `message`: what the client may do about it.
std::string dropped_delta(Dialect dialect, std::uint64_t count, std::string_view message);

}  // namespace tools
