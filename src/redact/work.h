// Work: how many bytes the finders look at. A text of a cluster is written by its tenants, and what it
// costs has a bound: whatever it holds, the one thread goes on (text.h).
//
// Each loop whose length a text decides adds the bytes that it passed.
#pragma once

#include <algorithm>
#include <cstddef>

namespace redact {

// Bytes looked at for each byte of a text, most texts needing less than one: so many where each line
// has a secret, fewer beyond the front of a long text, which is masked in one turn of the loop; and
// what a short text may cost anyway.
constexpr std::size_t kWorkPerByte = 16, kWorkPerFarByte = 3, kFrontBytes = 128 * 1024;
constexpr std::size_t kWorkOfShort = 64 * 1024;
// A mask, a name that is read, and a member of an object take as long as so many bytes.
constexpr std::size_t kWorkOfMask = 256, kWorkOfName = 64, kWorkOfMember = 32;

inline thread_local std::size_t work = 0;

// What a text of a size may cost.
constexpr std::size_t most_work(std::size_t size) {
  const std::size_t far = size - std::min(size, kFrontBytes);
  return kWorkOfShort + kWorkPerByte * (size - far) + kWorkPerFarByte * far;
}

// The same, from here on.
class Limit {
 public:
  explicit Limit(std::size_t size) : most_(work + most_work(size)) {}
  bool exceeded() const { return work > most_; }

 private:
  std::size_t most_;
};

inline void worked(std::size_t bytes) {
  work += bytes;
}

}  // namespace redact
