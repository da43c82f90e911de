#include "base/random.h"

#include <cerrno>
#include <cstring>

#include <sys/random.h>

#include "base/check.h"

namespace base {

std::string secure_bytes(std::size_t n) {
  std::string out(n, '\0');
  std::size_t have = 0;
  while (have < n) {
    const ssize_t got = ::getrandom(out.data() + have, n - have, 0);
    if (got < 0 && errno == EINTR) continue;
    // With no flags and a writable buffer the kernel has no other failure; continuing without
    // randomness is not an option.
    CHECK(got > 0);
    have += static_cast<std::size_t>(got);
  }
  return out;
}

Random Random::from_system() {
  std::uint64_t seed = 0;
  const std::string bytes = secure_bytes(sizeof seed);
  std::memcpy(&seed, bytes.data(), sizeof seed);
  return Random(seed);
}

std::uint64_t Random::next() {
  state_ += 0x9e3779b97f4a7c15U;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

}  // namespace base
