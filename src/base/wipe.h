// What the heap gets back is wiped (wipe.cc replaces operator delete): a bearer token is in strings, header lists and queues of many kinds,
// and a copy that somebody frees must not stay readable in a core or a later block. Blocks beyond kWipedBytes go as they are: no head with a
// credential is as large, and bodies of megabytes would cost a pass over their memory.
#pragma once

#include <cstddef>

namespace base {

constexpr std::size_t kWipedBytes = 64 * 1024;  // above the largest head of a request (limits.h)

// Overwrites; unlike memset it is not left out for bytes that nobody reads any more.
void wipe(void* bytes, std::size_t size);

// No core of this process, and no other process of the same user may look into it (ptrace, /proc/PID/mem): both would show the tokens of
// all callers. Programs that it starts are not bound by it.
void keep_memory_private();

}  // namespace base
