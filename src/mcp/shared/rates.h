// Rates: the limits on the requests of one caller, by class (pace.h says what the classes are).
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace mcp::shared {

enum class Class : unsigned char { read, logs, write, other };
constexpr std::array<std::string_view, 4> kClassNames = {"read", "logs", "write", "other"};
constexpr std::size_t kClasses = kClassNames.size();

struct Rate {
  double per_second = 0;    // 0: no limit
  std::size_t at_once = 0;  // 0: no limit
};
using Rates = std::array<Rate, kClasses>;  // by Class

}  // namespace mcp::shared
