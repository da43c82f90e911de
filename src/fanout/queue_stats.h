// QueueStats: counts of a manager's deltas since the start, for the metrics.
#pragma once

#include <cstdint>

namespace fanout {

struct QueueStats {
  std::uint64_t sent = 0;     // handed to sessions, markers and notices included
  std::uint64_t folded = 0;   // never sent: superseded by a later one of the same object
  std::uint64_t dropped = 0;  // did not fit into a queue; the subscriber was sent their number
};

}  // namespace fanout
