// Returns unused memory to the system: what only the start needed (code and tables that are used
// once; most of it is OpenSSL's initialisation), and what a busy period leaves free in the heap.
//
// The heap is glibc's. One malloc_trim costs about 0.15 ms per MiB returned plus a microsecond per
// hole, and it cannot be split into slices; so it runs as soon as a few MiB are free, rather than
// hundreds, and takes only a small share of the time. Large blocks (bodies, answers, parsed texts)
// are mapped individually and returned when they are freed. Alternatives: mimalloc and jemalloc
// return memory on their own, but they reserve address space in pieces of 32 MiB and more, which a
// limit of that size (ulimit -v) forbids, and they add 0.2 to 0.7 MB to the program.
#pragma once

#include <cstddef>

#include "base/limits.h"
#include "base/time.h"
#include "loop/loop.h"

namespace app {

// Larger blocks are mapped individually. The threshold is fixed because glibc would raise it, up to
// 32 MiB, as large blocks are freed.
constexpr std::size_t kMappedBytes = 512 * base::limits::kKiB;
// A trim needs this much memory free and resident: 2 ms of work.
constexpr std::size_t kTrimBytes = 8 * base::limits::kMiB;
constexpr base::Duration kTrimEvery = base::milliseconds(500);
// Trims take at most one part in kTrimShare of the time.
constexpr int kTrimShare = 50;

// Sets glibc's thresholds. Call it at the start of the program, before much is allocated.
void set_up_heap();

// Trims the heap and drops the program's read-only pages from its resident set; a page that is used
// again returns from the page cache, without I/O while the cache has it. Cheap (some microseconds);
// safe at any time.
void give_back_startup_memory();

// Resident bytes outside of live allocations: holes in the heap, and the program itself.
std::size_t wasted_bytes();

class Trimmer {
 public:
  explicit Trimmer(loop::Loop& loop)  // must outlive it
      : timer_(loop, "trim", loop::Timer::Fn::bind<&Trimmer::on_timer>(this)) {}

  // Takes the present waste as the baseline: it is the program itself.
  void start() { least_ = wasted_bytes(); }
  // Reports work that may have left memory free; a check follows within kTrimEvery. Cheap.
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
