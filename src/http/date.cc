#include "http/date.h"

#include <algorithm>
#include <ctime>
#include <limits>
#include <string>

namespace http {

std::optional<base::WallTime> parse_date(std::string_view text) {
  const std::string date(text);
  std::tm time{};
  const char* const end = ::strptime(date.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &time);
  if (end == nullptr || end != date.c_str() + date.size()) return std::nullopt;
  constexpr std::int64_t kSecond = 1'000'000'000;
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max() / kSecond;
  return base::WallTime{std::clamp<std::int64_t>(::timegm(&time), -kMost, kMost) * kSecond};
}

}  // namespace http
