// Which seeds the tests of random worlds live: `make check` 1 to 80, `make soak SEEDS=N FIRST=M`
// as many as told.
#pragma once

#include <cstdint>
#include <cstdlib>

#include "base/text.h"

namespace test {

inline std::uint64_t from_environment(const char* name, std::uint64_t fallback) {
  const char* text = std::getenv(name);
  const auto value = text ? base::parse_int(text) : std::nullopt;
  return value && *value > 0 ? static_cast<std::uint64_t>(*value) : fallback;
}

inline std::uint64_t first_seed() {
  return from_environment("SOAK_FIRST", 1);
}
inline std::uint64_t seeds() {
  return from_environment("SOAK_SEEDS", 80);
}

}  // namespace test
