// Counts in texts for people: "1 cluster", "3 clusters".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace base {

// "1 service is", "2 services are"; `one` and `many` are without the number.
inline std::string counted(std::size_t n, std::string_view one, std::string_view many) {
  return std::to_string(n) + " " + std::string(n == 1 ? one : many);
}
// The plural has an s.
inline std::string counted(std::size_t n, std::string_view one) {
  return counted(n, one, std::string(one) + "s");
}

}  // namespace base
