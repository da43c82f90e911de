// K0RDENT_MCP_SANITIZED: 1 where a sanitizer brings an allocator of its own (address, thread,
// memory), else 0, by g++'s names for them or clang's.
#pragma once

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define K0RDENT_MCP_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define K0RDENT_MCP_SANITIZED 1
#endif
#endif
#ifndef K0RDENT_MCP_SANITIZED
#define K0RDENT_MCP_SANITIZED 0
#endif
