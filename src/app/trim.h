// Returns unused memory to the system: what only the start needed (code and tables that are used
// once; most of it is OpenSSL's initialisation), and what a busy period leaves free in the heap.
//
// The heap is glibc's. Returning its holes costs 0.17 ms per MiB, so it is done in slices
// (heap_slices.h), and as soon as some MiB are free. Large blocks (bodies, responses, parsed texts)
// are mapped one by one and returned when they are freed. Measured against it, with 70 MB of which
// every tenth piece of 2 kB stays: mimalloc 2.0 returns nothing and does not start with 32 MB of
// address space (ulimit -v); jemalloc 5.3 returns as much, at once in 17 ms, and adds 0.7 MB.
#pragma once

#include <algorithm>
#include <cstddef>

#include "app/heap_slices.h"
#include "base/delegate.h"
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
// While clients are there, memory may be freed without any work: sessions expire, streams break.
constexpr base::Duration kTrimLook = base::seconds(30);
constexpr base::Duration kSliceEvery = base::milliseconds(10);  // between two slices of a pass
// Trims take at most one part in kTrimShare of the time.
constexpr int kTrimShare = 50;

// Sets glibc's thresholds. Call it at the start of the program, before much is allocated.
void set_up_heap();

// Trims the heap and drops the program's read-only pages from its resident set; a page that is used
// again returns from the page cache, without I/O while the cache has it. Cheap (some microseconds);
// safe at any time.
void give_back_startup_memory();

struct HeapUse {
  std::size_t live = 0;  // allocated
  std::size_t free = 0;  // holes, resident or not
};
// Takes some microseconds, and about a millisecond more for each 10,000 holes.
HeapUse heap_use();

// Resident bytes outside of live allocations: holes in the heap, and the program itself.
std::size_t wasted_bytes();

class Trimmer {
 public:
  // `clients` tells whether there are any, or what they left that ends later (watches linger): while
  // there are, it looks every kTrimLook, and once more when they are gone. Without them nothing wakes
  // the loop. `loop` must outlive it.
  explicit Trimmer(loop::Loop& loop, base::Delegate<bool()> clients = {})
      : clients_(clients), timer_(loop, "trim", loop::Timer::Fn::bind<&Trimmer::on_timer>(this)) {}

  // Takes the present waste as the baseline: it is the program itself.
  void start() { least_ = wasted_bytes(); }
  // How much a trim needs from now on, instead of kTrimBytes.
  void set_least(std::size_t bytes) { trim_bytes_ = std::min(bytes, kTrimBytes); }
  std::size_t least() const { return trim_bytes_; }
  // Reports work that may have left memory free; a check follows within kTrimEvery. Cheap.
  void note_work() {
    if (timer_.armed() && !looking_) return;
    looking_ = false;
    timer_.arm(kTrimEvery);
  }
  void stop();

 private:
  void on_timer();
  base::Delegate<bool()> clients_;
  std::size_t trim_bytes_ = kTrimBytes;
  std::size_t least_ = 0;  // wasted after the last trim
  bool looking_ = false;   // the timer is armed for kTrimLook
  bool slicing_ = false;
  base::Duration spent_{};  // in this pass
  HeapSlices slices_;
  loop::Timer timer_;
};

}  // namespace app
