// ChurnGuard: notices streams that end again and again without being failures (a proxy's short idle
// limit, a server that sends one event and closes), which neither backoff nor breaker may count.
// Pure: time is an argument.
#pragma once

#include <array>
#include <cstddef>

#include "base/time.h"

namespace watchutil {

// Between two starts of a stream, and when there were more than kChurnEnds ends in kChurnWindow.
constexpr base::Duration kStartFloor = base::seconds(1), kChurnFloor = base::seconds(5);
constexpr std::size_t kChurnEnds = 10;
constexpr base::Duration kChurnWindow = base::seconds(60);

class ChurnGuard {
 public:
  void ended(base::TimePoint now) {
    ends_[count_ % ends_.size()] = now;
    ++count_;
  }
  // How far apart starts must be now.
  base::Duration floor(base::TimePoint now) const {
    const bool many = count_ >= ends_.size() && now - ends_[count_ % ends_.size()] <= kChurnWindow;
    return many ? kChurnFloor : kStartFloor;
  }

 private:
  std::array<base::TimePoint, kChurnEnds + 1> ends_{};  // the latest, in a ring
  std::size_t count_ = 0;
};

}  // namespace watchutil
