#include "watchutil/backoff.h"

#include <algorithm>

namespace watchutil {

base::Duration Backoff::delay() const {
  if (failures_ == 0) return {};
  const double cap = static_cast<double>(parameters_.cap.count());
  double delay = static_cast<double>(parameters_.initial.count());
  // Stops at the cap, so that a million failures neither overflow nor take a million steps.
  for (std::uint64_t i = 1; i < failures_ && delay < cap; ++i)
    delay *= parameters_.factor;
  return base::Duration(static_cast<std::int64_t>(std::min(delay, cap)));
}

base::Duration Backoff::next(base::Random& random) {
  ++failures_;
  const double plain = static_cast<double>(delay().count());
  return base::Duration(
      static_cast<std::int64_t>(plain * (1.0 + parameters_.jitter * random.unit())));
}

}  // namespace watchutil
