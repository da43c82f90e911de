// HeapSlices: returns the free pages inside glibc's heap to the system, a slice at a time.
//
// malloc_trim() does the whole heap in one call: 0.17 ms per MiB that goes back, 40 ms after a busy
// time that left 240 MB. A pass of this class allocates the holes, largest first, drops the pages in
// each, and keeps them until the end, so that each is found once; then it frees them all. Holes that
// contain no page are left alone. What the program allocates meanwhile extends the heap.
#pragma once

#include <cstddef>

#include "base/limits.h"
#include "base/time.h"

namespace app {

// Most bytes of a slice; and the processor time after which it ends: the kernel takes longer for pages
// of a busy machine, and the allocator for many small holes.
constexpr std::size_t kSliceBytes = 8 * base::limits::kMiB;
constexpr base::Duration kSliceTime = base::milliseconds(2);

class HeapSlices {
 public:
  HeapSlices() = default;
  ~HeapSlices() { end(); }
  HeapSlices(const HeapSlices&) = delete;
  HeapSlices& operator=(const HeapSlices&) = delete;

  // Does one slice of a pass; the first one after a pass begins another. Returns whether there is more.
  bool step();
  // Ends a pass early.
  void end();

 private:
  struct Hole {
    Hole* next;
  };
  Hole* take(std::size_t size);
  Hole* taken_ = nullptr;
  std::size_t size_ = 0;  // index of the size that is looked for
};

}  // namespace app
