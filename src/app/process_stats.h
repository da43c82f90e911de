// The kernel's figures for this process, for /metrics. Reads /proc, which takes microseconds and no
// I/O.
#pragma once

#include <cstddef>
#include <cstdint>

namespace app {

// A figure that could not be read is 0.
struct ProcessStats {
  std::uint64_t resident_bytes = 0, virtual_bytes = 0;
  double cpu_seconds = 0;  // user and system
  double start_time = 0;   // seconds since 1970
  std::uint64_t open_fds = 0, max_fds = 0;
};

ProcessStats read_process_stats();

// Reads only the resident size, in a few microseconds; 0 when it cannot be read.
std::size_t resident_bytes();

}  // namespace app
