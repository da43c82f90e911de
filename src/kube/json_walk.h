// JsonWalk: where a JSON value ends, in bytes that come in pieces: brackets outside of strings are
// counted, each byte once. Strings are skipped by memchr: they are most of the bytes.
#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

#include "base/limits.h"

namespace kube {

// One object of a list or a watch. etcd takes 1.5 MiB in a request unless it is told otherwise, and a custom
// resource is stored as the text that is sent; 2 MiB of escapes are parsed in some 12 ms, which is one turn of
// the loop. One that is larger is left out, alone, and said so.
constexpr std::size_t kObjectBytes = 2 * base::limits::kMiB;
// Its members and elements. A large object of k0rdent has some 10,000; these take some 7 ms.
constexpr std::size_t kObjectValues = 200'000;
// Kept of an object over its limit: its metadata are at the front.
constexpr std::size_t kLargeItemFront = 256 * base::limits::kKiB;

class JsonWalk {
 public:
  // Length of `bytes` up to and including the first bracket after which `ends(bracket)` is true; 0: it
  // is not here, and all of `bytes` was walked over. depth() counts the bracket already.
  template <class Ends>
  std::size_t walk(std::string_view bytes, Ends ends);

  // How many brackets are open.
  std::size_t depth() const { return depth_; }
  bool in_string() const { return in_string_; }
  bool escaped() const { return escaped_; }
  // Members and elements since the last begin_count(), or a few more.
  std::size_t values() const { return values_; }
  void begin_count() { values_ = 0; }
  void reset() { *this = JsonWalk(); }

 private:
  std::size_t skip_string(std::string_view bytes, std::size_t at);
  std::size_t depth_ = 0, values_ = 0;
  bool in_string_ = false, escaped_ = false;
};

// The place after the string that is open, or after its next escape's slash.
inline std::size_t JsonWalk::skip_string(std::string_view bytes, std::size_t at) {
  if (escaped_) {
    escaped_ = false;
    return at + 1;
  }
  const auto find = [&](char c, std::size_t end) {
    const auto* hit = static_cast<const char*>(std::memchr(bytes.data() + at, c, end - at));
    return hit ? static_cast<std::size_t>(hit - bytes.data()) : end;
  };
  const std::size_t quote = find('"', bytes.size());
  const std::size_t slash = find('\\', quote);
  if (slash < quote) {
    escaped_ = true;
    return slash + 1;
  }
  if (quote == bytes.size()) return quote;
  in_string_ = false;
  return quote + 1;
}

template <class Ends>
std::size_t JsonWalk::walk(std::string_view bytes, Ends ends) {
  std::size_t i = 0;
  while (i < bytes.size()) {
    if (in_string_) {
      i = skip_string(bytes, i);
      continue;
    }
    const char c = bytes[i++];
    if (c == '"') {
      in_string_ = true;
    } else if (c == ',') {
      ++values_;
    } else if (c == '{' || c == '[') {
      ++depth_;
      ++values_;
      if (ends(c)) return i;
    } else if (c == '}' || c == ']') {
      if (depth_ > 0) --depth_;
      if (ends(c)) return i;
    }
  }
  return 0;
}

}  // namespace kube
