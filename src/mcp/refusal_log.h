// RefusalLog: which refused hosts and origins are worth a warning. Each is warned of once a minute,
// since a wrong setting makes every request fail and its first line says all; and so many names in
// a minute at the most, since whoever can reach us can make up names.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/time.h"

namespace mcp {

class RefusalLog {
 public:
  static constexpr base::Duration kAgainAfter = base::minutes(1);
  static constexpr std::size_t kNames = 16;  // more are no setting that was forgotten

  // True: warn of `name` now.
  bool wants(std::string_view name, base::TimePoint now);

 private:
  struct Entry {
    std::string name;  // "" : free
    base::TimePoint warned;
  };
  std::array<Entry, kNames> entries_;
};

}  // namespace mcp
