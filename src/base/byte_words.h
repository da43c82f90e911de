// Text looked at eight bytes at once, where each byte of each answer is asked the same question.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace base {

constexpr std::uint64_t kByteOnes = 0x0101010101010101U;
constexpr std::uint64_t kByteHighs = 0x8080808080808080U;

inline std::uint64_t word_at(const char* bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

// Is one of the eight bytes below `limit`? Requires: 0 < limit <= 0x80.
constexpr bool has_below(std::uint64_t word, unsigned char limit) {
  return ((word - kByteOnes * limit) & ~word & kByteHighs) != 0;
}
constexpr bool has_byte(std::uint64_t word, char c) {
  return has_below(word ^ (kByteOnes * static_cast<unsigned char>(c)), 1);
}

// How many bytes `is` holds for; `maybe(word)` is false when it holds for none of the eight. Most
// words are passed over.
template <class Maybe, class Is>
std::size_t count_bytes(std::string_view text, Maybe maybe, Is is) {
  std::size_t count = 0, at = 0;
  while (at < text.size()) {
    const std::size_t end = at + 8 <= text.size() ? at + 8 : text.size();
    if (end - at == 8 && !maybe(word_at(text.data() + at))) {
      at = end;
      continue;
    }
    for (; at < end; ++at)
      count += is(text[at]) ? 1 : 0;
  }
  return count;
}

}  // namespace base
