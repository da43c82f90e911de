// Memory is wiped when it is freed (wipe.cc replaces operator delete): a bearer token passes
// through strings, header lists and queues of many kinds, and a freed copy must not stay readable
// in a core dump or a later allocation. Blocks larger than kWipedBytes are not wiped: no request
// head with a credential is as large, and wiping bodies of megabytes would cost a pass over their
// memory.
#pragma once

#include <cstddef>

namespace base {

constexpr std::size_t kWipedBytes = 64 * 1024;  // above the largest request head (limits.h)

// Overwrites the bytes; unlike memset it is not optimized away before a free.
void wipe(void* bytes, std::size_t size);

// Disables core dumps of this process and access to it by other processes of the same user (ptrace,
// /proc/PID/mem): both would reveal the tokens of all callers. Programs that it starts are not
// affected.
void keep_memory_private();

}  // namespace base
