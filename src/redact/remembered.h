// Remembered: what a function of a name said, for the names that came last. The names in what
// clusters write are few and come back with each object, and a name is costly to read (key_words.cc).
//
//   static Remembered memory;
//   return memory.of(name, [](std::string_view name) { … });    a value below 255
//
// A name may be a secret itself: its text is not kept, only 56 bits of a hash with a key that only
// this process has, so that no client can write a name that is taken for another.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/random.h"

namespace redact {

class Remembered {
 public:
  template <class Fn>
  std::uint8_t of(std::string_view name, Fn fn) {
    const std::uint64_t hash = hash_of(name);
    std::uint64_t& slot = slots_[hash >> (64 - kSlotBits)];
    if ((slot ^ hash) >> kValueBits == 0 && (slot & kValueMask) != 0)
      return static_cast<std::uint8_t>((slot & kValueMask) - 1);
    const auto value = static_cast<std::uint8_t>(fn(name));
    slot = (hash & ~kValueMask) | (value + 1U);
    return value;
  }

 private:
  // All names of one list of k0rdent's objects have room, in 2 KiB.
  static constexpr std::size_t kSlotBits = 8, kValueBits = 8;
  static constexpr std::uint64_t kValueMask = (1U << kValueBits) - 1;

  static std::uint64_t hash_of(std::string_view name) {
    static const std::uint64_t key = base::Random::from_system().next();
    std::uint64_t hash = key ^ name.size();
    while (!name.empty()) {
      std::uint64_t word = 0;
      const std::size_t size = name.size() < sizeof word ? name.size() : sizeof word;
      std::memcpy(&word, name.data(), size);
      hash = mixed(hash ^ word);
      name.remove_prefix(size);
    }
    return hash;
  }
  // splitmix64's: each bit reaches all others.
  static std::uint64_t mixed(std::uint64_t x) {
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9U;
    x = (x ^ x >> 27) * 0x94D049BB133111EBU;
    return x ^ x >> 31;
  }

  std::array<std::uint64_t, 1U << kSlotBits> slots_{};  // a hash, and the value plus one
};

}  // namespace redact
