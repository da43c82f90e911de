// Durations and points in time, and their text forms. There is no clock here: time comes from the
// loop.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace base {

using Duration = std::chrono::nanoseconds;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// Monotonic: nanoseconds since an arbitrary start (CLOCK_MONOTONIC, or the virtual clock's zero).
struct TimePoint {
  Duration since{};
  auto operator<=>(const TimePoint&) const = default;
};
inline TimePoint operator+(TimePoint t, Duration d) {
  return {t.since + d};
}
inline Duration operator-(TimePoint a, TimePoint b) {
  return a.since - b.since;
}
constexpr Duration kForever = Duration::max();

// Wall time, for people and certificates only: nanoseconds since 1970-01-01T00:00:00Z.
struct WallTime {
  std::int64_t ns = 0;
  auto operator<=>(const WallTime&) const = default;
};

// "2026-11-21T09:00:00.123Z": UTC, `digits` (0..9) fractional digits, truncated.
std::string format_rfc3339(WallTime t, int digits);

// RFC 3339 with any number of fractional digits (those after the ninth are dropped) and Z or an
// offset; nullopt for anything else. A time outside WallTime's range (before 1678, after 2261) is
// clamped to it.
std::optional<WallTime> parse_rfc3339(std::string_view s);

// "500ms", "10s", "2m", "1h", "1m30s", "1.5s", "0": Go's duration grammar without a sign (units ns
// us ms s m h). A bare number other than 0 is an error whose text suggests the right form.
Result<Duration> parse_duration(std::string_view s);

// The same grammar without zero parts: "500ms", "10s", "2m", "1m30s", "0s"; a leading '-' if
// negative; kForever is "forever".
std::string format_duration(Duration d);

inline std::int64_t to_ms(Duration d) {
  return std::chrono::duration_cast<milliseconds>(d).count();
}

}  // namespace base
