// Backoff: how long to wait before the next attempt. Pure: randomness is an argument, time is not
// needed.
//
// Delay n is initial * factor^(n-1), at most cap, plus a random 0 to `jitter` of itself: 1, 2, 4,
// 8, 16, 32, 60, 60 … s, each plus 0-20 %. The cap applies before the jitter (so the longest delay
// is 72 s): jitter inside the cap would synchronise all waiters again.
#pragma once

#include <cstdint>

#include "base/random.h"
#include "base/time.h"

namespace watchutil {

struct BackoffParameters {
  base::Duration initial = base::seconds(1);
  base::Duration cap = base::seconds(60);
  double factor = 2.0;
  double jitter = 0.2;  // fraction of the delay, added
};

class Backoff {
 public:
  explicit Backoff(const BackoffParameters& parameters = {}) : parameters_(parameters) {}
  // Records one more failure and returns the delay after it: call it once per failure.
  base::Duration next(base::Random& random);
  // The current delay without its jitter; zero before the first failure.
  base::Duration delay() const;
  void reset() { failures_ = 0; }
  std::uint64_t failures() const { return failures_; }

 private:
  BackoffParameters parameters_;
  std::uint64_t failures_ = 0;
};

}  // namespace watchutil
