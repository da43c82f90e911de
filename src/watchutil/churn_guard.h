// ChurnGuard: slows down streams that end again and again without a failure (a proxy's short idle
// limit, a server that sends one event and closes); neither backoff nor circuit breaker may count
// these. Pure: time is an argument.
#pragma once

#include <array>
#include <cstddef>

#include "base/time.h"

namespace watchutil {

// Least time between two starts of a stream; kChurnFloor after more than kChurnEnds ends within
// kChurnWindow.
constexpr base::Duration kStartFloor = base::seconds(1), kChurnFloor = base::seconds(5);
constexpr std::size_t kChurnEnds = 10;
constexpr base::Duration kChurnWindow = base::seconds(60);

class ChurnGuard {
 public:
  void ended(base::TimePoint now) {
    ends_[count_ % ends_.size()] = now;
    ++count_;
  }
  // The least time between two starts now.
  base::Duration floor(base::TimePoint now) const {
    const bool many = count_ >= ends_.size() && now - ends_[count_ % ends_.size()] <= kChurnWindow;
    return many ? kChurnFloor : kStartFloor;
  }

 private:
  std::array<base::TimePoint, kChurnEnds + 1> ends_{};  // ring of the latest ends
  std::size_t count_ = 0;
};

}  // namespace watchutil
