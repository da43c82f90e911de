// Warnings: what an API server says beside its answer: Warning: 299 - "text" headers (deprecated
// versions, unknown fields). Read, made printable, each kept once, bounded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kube {

constexpr std::size_t kWarningsKept = 16;    // a person reads no more
constexpr std::size_t kWarningBytes = 1024;  // of one; kube-apiserver cuts its own at 256 runes

class Warnings {
 public:
  // The value of one header: one warning or several, joined by commas (RFC 9111 5.5). What is no
  // warning is left out, also the rest of the value behind it.
  void add(std::string_view value);
  const std::vector<std::string>& all() const { return all_; }
  // Different ones beyond kWarningsKept.
  std::uint64_t dropped() const { return dropped_; }
  void clear() { *this = Warnings(); }

 private:
  void keep(std::string_view text);
  std::vector<std::string> all_;
  std::uint64_t dropped_ = 0;
};

}  // namespace kube
