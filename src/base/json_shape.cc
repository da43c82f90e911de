#include "base/json_shape.h"

namespace base::json {

namespace {

// The offset after the quote that ends the string whose first character is at `at`.
std::size_t behind_string(std::string_view text, std::size_t at) {
  while (true) {
    const std::size_t quote = text.find('"', at);
    if (quote == std::string_view::npos) return text.size();
    std::size_t slashes = 0;
    while (quote - slashes > at && text[quote - slashes - 1] == '\\')
      ++slashes;
    if (slashes % 2 == 0) return quote + 1;
    at = quote + 1;
  }
}

}  // namespace

std::size_t count_values(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text.size();
  std::size_t count = 1;
  for (std::size_t at = 0; at < text.size() && count <= most;) {
    switch (text[at]) {
      case '"':
        at = behind_string(text, at + 1);
        continue;
      case ',':
      case ':':
      case '[':
      case '{':
        ++count;
        break;
      default:
        break;
    }
    ++at;
  }
  return count;
}

}  // namespace base::json
