// Memory that is not used any more goes back to the system: what only the start needed (code and
// tables that were run or read once; OpenSSL's initialisation is most of it), and what a busy time
// leaves free in the heap.
//
// The heap is glibc's. One trim of it costs about 0.15 ms a MiB that goes back and a microsecond a
// hole, and cannot be cut into slices from outside; so it is done as soon as some MiB are free, not
// when hundreds are, and never more than a small part of the time. Large pieces (bodies, answers,
// parsed texts) are mapped one by one and go back when they are freed. Other allocators were weighed:
// mimalloc and jemalloc give back by themselves, but reserve address space in pieces of 32 MiB and
// more, which a limit of as much (ulimit -v) does not allow, and add 0.2 to 0.7 MB to the program.
#pragma once

#include <cstddef>

#include "base/limits.h"
#include "base/time.h"
#include "loop/loop.h"

namespace app {

// Larger pieces are mapped one by one. glibc would raise it to 32 MiB by what it sees freed.
constexpr std::size_t kMappedBytes = 512 * base::limits::kKiB;
// So much must be free and resident: 2 ms of work.
constexpr std::size_t kTrimBytes = 8 * base::limits::kMiB;
constexpr base::Duration kTrimEvery = base::milliseconds(500);
// A trim takes at most this part of the time (one of n).
constexpr int kTrimShare = 50;

// At the start of the program, before much is allocated.
void set_up_heap();

// Read-only pages of the program leave its resident set; those that are used come back from the
// page cache one by one, without I/O as long as the cache has them. Cheap (some microseconds); safe
// at any time.
void give_back_startup_memory();

// Resident bytes that nothing allocated holds: holes in the heap, and the program itself.
std::size_t wasted_bytes();

class Trimmer {
 public:
  explicit Trimmer(loop::Loop& loop)  // outlives it
      : timer_(loop, "trim", loop::Timer::Fn::bind<&Trimmer::on_timer>(this)) {}

  // What is wasted now is the program's own.
  void start() { least_ = wasted_bytes(); }
  // Something was done that may have left memory free. Cheap.
  void note_work() {
    if (!timer_.armed()) timer_.arm(kTrimEvery);
  }
  void stop() { timer_.cancel(); }

 private:
  void on_timer();
  std::size_t least_ = 0;  // wasted after the last trim
  loop::Timer timer_;
};

}  // namespace app
