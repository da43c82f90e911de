// Randomness: unguessable bytes for identifiers, and a small seeded generator whose jitter tests
// can repeat.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace base {

// `n` bytes of getrandom(2). Never fails; it waits for the kernel's pool, which happens only at
// boot.
std::string secure_bytes(std::size_t n);

// splitmix64: fine for jitter and schedules, never for secrets.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  static Random from_system();
  std::uint64_t next();
  double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }  // [0, 1)
  std::uint64_t below(std::uint64_t n) { return n ? next() % n : 0; }

 private:
  std::uint64_t state_;
};

}  // namespace base
