// Warnings: the texts of an API server's Warning: 299 - "text" headers (deprecated versions,
// unknown fields), made printable, without duplicates, limited in number and size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kube {

constexpr std::size_t kWarningsKept = 16;    // more than anyone reads
constexpr std::size_t kWarningBytes = 1024;  // of one; kube-apiserver cuts its own at 256 runes

class Warnings {
 public:
  // Adds the warnings of one header value, separated by commas (RFC 9111 5.5). At the first part
  // that is not a warning it stops.
  void add(std::string_view value);
  const std::vector<std::string>& all() const { return all_; }
  // The number of different warnings beyond kWarningsKept.
  std::uint64_t dropped() const { return dropped_; }
  void clear() { *this = Warnings(); }

 private:
  void keep(std::string_view text);
  std::vector<std::string> all_;
  std::uint64_t dropped_ = 0;
};

}  // namespace kube
