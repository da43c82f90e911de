#include "watchutil/backoff.h"

#include <algorithm>

namespace watchutil {

base::Duration Backoff::next(base::Random& random) {
  const double cap = static_cast<double>(parameters_.cap.count());
  double delay = static_cast<double>(parameters_.initial.count());
  // Stops at the cap, so that a million failures neither overflow nor cost a million steps.
  for (std::uint64_t i = 0; i < failures_ && delay < cap; ++i)
    delay *= parameters_.factor;
  delay = std::min(delay, cap);
  ++failures_;
  return base::Duration(
      static_cast<std::int64_t>(delay * (1.0 + parameters_.jitter * random.unit())));
}

}  // namespace watchutil
