// QueueStats: what became of a manager's deltas, since the start; for metrics.
#pragma once

#include <cstdint>

namespace tools {

struct QueueStats {
  std::uint64_t sent = 0;     // handed to sessions, markers and notices included
  std::uint64_t folded = 0;   // never told: a later one of the same object took their place
  std::uint64_t dropped = 0;  // did not fit into a queue; the subscriber was told their number
};

}  // namespace tools
