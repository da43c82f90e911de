#include "app/heap_slices.h"

#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <new>

#include <sys/mman.h>
#include <unistd.h>

#include "loop/clock.h"

namespace app {

using base::limits::kKiB;

// Below set_up_heap()'s kMappedBytes, or they would be mapped; the last contains a page now and then.
static constexpr std::size_t kSizes[] = {128 * kKiB, 32 * kKiB, 8 * kKiB, 5 * kKiB};
// A system call, in bytes that take as long.
static constexpr std::size_t kCallBytes = 4 * kKiB;

// Returns nullptr when there is no hole of this size: the allocator had to extend the heap.
HeapSlices::Hole* HeapSlices::take(std::size_t size) {
  const auto end = reinterpret_cast<std::uintptr_t>(::sbrk(0));
  void* const piece = std::malloc(size);
  if (piece == nullptr) return nullptr;
  if (reinterpret_cast<std::uintptr_t>(piece) + size > end) {
    std::free(piece);
    return nullptr;
  }
  return new (piece) Hole{nullptr};
}

static void drop_pages(const void* piece, std::size_t size, std::size_t used) {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto at = reinterpret_cast<std::uintptr_t>(piece);
  const std::uintptr_t start = (at + used + page - 1) / page * page;
  const std::uintptr_t end = (at + size) / page * page;
  // NOLINTNEXTLINE(performance-no-int-to-ptr): rounded to pages.
  if (end > start) ::madvise(reinterpret_cast<void*>(start), end - start, MADV_DONTNEED);
}

bool HeapSlices::step() {
  const base::Duration end_of_slice = loop::RealClock::processor_time() + kSliceTime;
  std::size_t done = 0;
  while (size_ < std::size(kSizes)) {
    Hole* const hole = take(kSizes[size_]);
    if (hole == nullptr) {
      ++size_;
      continue;
    }
    hole->next = taken_;
    taken_ = hole;
    drop_pages(hole, kSizes[size_], sizeof(Hole));
    done += kSizes[size_] + kCallBytes;
    if (done >= kSliceBytes || loop::RealClock::processor_time() >= end_of_slice) return true;
  }
  end();
  return false;
}

void HeapSlices::end() {
  while (taken_ != nullptr) {
    Hole* const next = taken_->next;
    std::free(taken_);
    taken_ = next;
  }
  size_ = 0;
}

}  // namespace app
