// CHECK: an invariant of our own code; when it does not hold, the process prints the place and
// aborts. Never for a condition that input or the environment can cause.
#pragma once

namespace base {
[[noreturn]] void check_failed(const char* condition, const char* file, int line);
}

#define CHECK(condition)                               \
  (static_cast<bool>(condition) ? static_cast<void>(0) \
                                : ::base::check_failed(#condition, __FILE__, __LINE__))
