#include "app/trim.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <elf.h>
#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include "app/process_stats.h"
#include "loop/clock.h"

namespace app {

static int drop_read_only(dl_phdr_info* info, std::size_t, void*) {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const auto& segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
    // Only whole pages: an edge page may belong to a neighbouring segment that was written to.
    const std::uintptr_t start = (info->dlpi_addr + segment.p_vaddr + page - 1) / page * page;
    const std::uintptr_t end = (info->dlpi_addr + segment.p_vaddr + segment.p_memsz) / page * page;
    // NOLINTNEXTLINE(performance-no-int-to-ptr): the loader gives addresses as numbers.
    if (end > start) ::madvise(reinterpret_cast<void*>(start), end - start, MADV_DONTNEED);
  }
  return 0;
}

void give_back_startup_memory() {
  ::malloc_trim(0);
  ::dl_iterate_phdr(drop_read_only, nullptr);
}

void set_up_heap() {
  ::mallopt(M_MMAP_THRESHOLD, static_cast<int>(kMappedBytes));
  // From here on glibc returns the free end of the heap on its own, a slice at a time.
  ::mallopt(M_TRIM_THRESHOLD, static_cast<int>(kTrimBytes / 4));
  // Small pieces join their neighbours as they are freed. Else each stays a hole of its own until much
  // later: a list of 100,000 objects that was given up left 200,000, which mallinfo2() counted for 40 ms.
  ::mallopt(M_MXFAST, 0);
}

HeapUse heap_use() {
  const struct mallinfo2 heap = ::mallinfo2();
  return {heap.uordblks + heap.hblkhd, heap.fordblks};
}

std::size_t wasted_bytes() {
  const std::size_t live = heap_use().live;
  const std::size_t resident = resident_bytes();
  return resident > live ? resident - live : 0;
}

void Trimmer::on_timer() {
  if (!slicing_) {
    const std::size_t wasted = wasted_bytes();
    if (wasted < least_ + trim_bytes_) {
      least_ = std::min(least_, wasted);
      looking_ = clients_ && clients_();
      if (looking_) timer_.arm(kTrimLook);
      return;  // else the next work looks again
    }
    looking_ = false;
    slicing_ = true;
    spent_ = {};
  }
  const base::Duration began = loop::RealClock::processor_time();
  slicing_ = slices_.step();
  spent_ += loop::RealClock::processor_time() - began;
  if (slicing_) return timer_.arm(kSliceEvery);
  least_ = wasted_bytes();
  timer_.arm(std::max<base::Duration>(kTrimEvery, spent_ * kTrimShare));
}

void Trimmer::stop() {
  timer_.cancel();
  slices_.end();
  slicing_ = false;
}

}  // namespace app
