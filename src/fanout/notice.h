// Notice: the deltas about the watch itself instead of an object, in two dialects:
//
//   events, graph   {"action":"STALE"|"FRESH"|"DROPPED", …}
//   logs            {"type":"stale"|"fresh"|"dropped", …}
//
//   stale     the watch is down: "since" and "retryAt" (RFC 3339 UTC), "message" (why)
//   fresh     it is up again, and what was missed has been or will be sent: "since" as before,
//             "message"
//   dropped   deltas did not fit into the subscriber's queue: "dropped" (how many), "message" (what
//             the client can do about it)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"

namespace fanout {

enum class Dialect : unsigned char { action, type };

// A watch that is down: since when, when it will be retried, and why.
struct Outage {
  base::WallTime since{}, retry_at{};
  std::string message;
};

std::string stale_delta(Dialect dialect, const Outage& outage);
std::string fresh_delta(Dialect dialect, const Outage& outage);
// `message`: what the client can do about it.
std::string dropped_delta(Dialect dialect, std::uint64_t count, std::string_view message);

}  // namespace fanout
