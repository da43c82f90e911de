#include "base/wipe.h"

#include <cstdlib>
#include <cstring>
#include <new>

#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/sanitized.h"

namespace base {

void wipe(void* bytes, std::size_t size) {
  std::memset(bytes, 0, size);
  // Makes the compiler assume that the bytes are read.
  __asm__ __volatile__("" : : "r"(bytes) : "memory");
}

void keep_memory_private() {
  // RLIMIT_CORE alone does not stop a core that is piped to a program (systemd-coredump).
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  rlimit none{};
  if (::getrlimit(RLIMIT_CORE, &none) == 0) none.rlim_cur = 0;
  ::setrlimit(RLIMIT_CORE, &none);
}

}  // namespace base

// The sanitizers replace operator delete themselves, and find more with it.
#if !K0RDENT_MCP_SANITIZED
void operator delete(void* block) noexcept {
  if (block == nullptr) return;
  if (const std::size_t size = ::malloc_usable_size(block); size <= base::kWipedBytes)
    base::wipe(block, size);
  std::free(block);
}
void operator delete(void* block, std::size_t) noexcept {
  ::operator delete(block);
}
void operator delete[](void* block) noexcept {
  ::operator delete(block);
}
void operator delete[](void* block, std::size_t) noexcept {
  ::operator delete(block);
}
#endif
