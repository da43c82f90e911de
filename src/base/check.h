// CHECK: an invariant of ours; when it does not hold the process says where and aborts. Never for what the world may do.
#pragma once

namespace base {
[[noreturn]] void check_failed(const char* condition, const char* file, int line);
}

#define CHECK(condition) \
  (static_cast<bool>(condition) ? static_cast<void>(0) \
                                : ::base::check_failed(#condition, __FILE__, __LINE__))
