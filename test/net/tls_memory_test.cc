// OpenSSL's heap: what it gives back holds nothing of what was in it.
#include <cstdint>
#include <cstring>

#include <gtest/gtest.h>
#include <openssl/crypto.h>

#include "base/sanitized.h"
#include "net/tls_openssl.h"

namespace {

#if !K0RDENT_MCP_SANITIZED
constexpr std::size_t kSize = 20000;  // as the buffer of a record

// Bytes of a text of s, in eights: the pointers with which the allocator joins free blocks may have
// one, or two side by side, as once in some ten thousand runs.
std::size_t left_at(std::uintptr_t at) {
  constexpr std::size_t kEach = 8;
  static_assert(kSize % kEach == 0);
  const volatile char* bytes = reinterpret_cast<const volatile char*>(at);
  std::size_t left = 0, run = 0;
  for (std::size_t i = 0; i < kSize; ++i) {
    run = bytes[i] == 's' ? run + 1 : 0;
    if (i % kEach == kEach - 1 && run >= kEach) left += kEach;
  }
  return left;
}

// Bug: a token that had come over TLS stood in a freed buffer of OpenSSL's.
TEST(TlsMemory, WhatOpensslGivesBackIsOverwritten) {
  net::openssl::init();
  void* block = OPENSSL_malloc(kSize);
  std::memset(block, 's', kSize);
  const auto at = reinterpret_cast<std::uintptr_t>(block);
  OPENSSL_free(block);
  EXPECT_EQ(left_at(at), 0U);
}

TEST(TlsMemory, ABlockThatGrowsKeepsItsBytesAndLeavesNone) {
  void* block = OPENSSL_malloc(kSize);
  void* guard = OPENSSL_malloc(kSize);  // so that it cannot grow where it is
  std::memset(block, 's', kSize);
  const auto at = reinterpret_cast<std::uintptr_t>(block);
  void* grown = OPENSSL_realloc(block, 4 * kSize);
  ASSERT_NE(grown, nullptr);
  EXPECT_EQ(left_at(reinterpret_cast<std::uintptr_t>(grown)), kSize);
  EXPECT_EQ(left_at(at), 0U);
  OPENSSL_free(grown);
  OPENSSL_free(guard);
}
#endif

}  // namespace
