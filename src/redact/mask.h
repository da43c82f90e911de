// Mask: what an answer shows in place of a secret, for instance <redacted:24B:1f3a9c02>: its size
// and a fingerprint. Equal secrets have equal masks while this process lives, so that a reader sees
// whether two values are the same; the fingerprint is keyed, so that it says nothing about the
// value to a reader without the key. A caller that can write objects can still try a guess by
// comparing the mask of its own value.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace redact {

class Mask {
 public:
  // Requires: `key` has at least 32 bytes.
  explicit Mask(std::string key);
  static Mask random();  // with a key that only this process has
  std::string of(std::string_view secret) const;

 private:
  std::string key_;
};

// Bytes of the mask at the start of `text`; 0: there is none.
std::size_t mask_size(std::string_view text);
// Is it a mask, and nothing else?
inline bool is_mask(std::string_view text) {
  return !text.empty() && mask_size(text) == text.size();
}

}  // namespace redact
