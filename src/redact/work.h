// Work: how many bytes the finders look at. A text of a cluster is written by its tenants, and what it
// costs has a bound: whatever it holds, the one thread goes on (text.h).
//
// Each loop whose length a text decides adds the bytes that it passed.
#pragma once

#include <cstddef>

namespace redact {

// Bytes looked at for each byte of a text, most texts needing less than one, and what a short text
// may cost anyway.
constexpr std::size_t kWorkPerByte = 16, kWorkOfShort = 64 * 1024;
// A mask, and a name that is read, take as long as so many bytes.
constexpr std::size_t kWorkOfMask = 256, kWorkOfName = 64;

inline thread_local std::size_t work = 0;

// What a text of a size may cost from here on.
class Limit {
 public:
  explicit Limit(std::size_t size) : most_(work + kWorkOfShort + kWorkPerByte * size) {}
  bool exceeded() const { return work > most_; }

 private:
  std::size_t most_;
};

inline void worked(std::size_t bytes) {
  work += bytes;
}

}  // namespace redact
