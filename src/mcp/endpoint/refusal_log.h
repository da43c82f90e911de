// RefusalLog: decides which refused hosts and origins are logged as warnings. Each name is logged
// once a minute, because a wrong setting makes every request fail and one line suffices; and at
// most kNames names a minute, because any client can make up names.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/time.h"

namespace mcp::endpoint {

class RefusalLog {
 public:
  static constexpr base::Duration kAgainAfter = base::minutes(1);
  static constexpr std::size_t kNames = 16;  // more cannot be a forgotten setting

  // True: log a warning for `name` now.
  bool wants(std::string_view name, base::TimePoint now);

 private:
  struct Entry {
    std::string name;  // "": free
    base::TimePoint warned;
  };
  std::array<Entry, kNames> entries_;
};

}  // namespace mcp::endpoint
