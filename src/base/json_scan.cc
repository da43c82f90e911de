#include "base/json_scan.h"

#include <cstddef>

namespace base::json {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

std::size_t skip_space(std::string_view text, std::size_t at) {
  while (at < text.size() && is_space(text[at]))
    ++at;
  return at;
}

// The offset after the string that begins at `at`; npos when it does not end.
std::size_t after_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      return at + 1;
    }
  }
  return std::string_view::npos;
}

// The offset after the value that begins at `at`; npos when it does not end.
std::size_t after_value(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = after_string(text, at);
      if (at == std::string_view::npos || depth == 0) return at;
      continue;
    }
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') {
      if (depth == 0) return at;  // closes the parent, after a bare word
      if (--depth == 0) return at + 1;
    }
    if (c == ',' && depth == 0) return at;
    ++at;
  }
  return std::string_view::npos;
}

struct FoundMember {
  std::string_view text;  // to the end of all when it is cut
  bool whole = false;
};

FoundMember find_member(std::string_view text, std::string_view key) {
  std::size_t at = skip_space(text, 0);
  if (at >= text.size() || text[at] != '{') return {};
  for (++at;; ++at) {
    at = skip_space(text, at);
    if (at >= text.size() || text[at] != '"') return {};
    const std::size_t name = at + 1;
    at = after_string(text, at);
    if (at == std::string_view::npos) return {};
    const bool found = text.substr(name, at - 1 - name) == key;
    at = skip_space(text, at);
    if (at >= text.size() || text[at] != ':') return {};
    at = skip_space(text, at + 1);
    const std::size_t end = after_value(text, at);
    if (found && end == std::string_view::npos) return {text.substr(at), false};
    if (end == std::string_view::npos) return {};
    if (found) return {text.substr(at, end - at), true};
    at = skip_space(text, end);
    if (at >= text.size() || text[at] != ',') return {};
  }
}

}  // namespace

std::string_view raw_member(std::string_view text, std::string_view key) {
  const FoundMember member = find_member(text, key);
  return member.whole ? member.text : std::string_view();
}

std::string_view member_front(std::string_view text, std::string_view key) {
  return find_member(text, key).text;
}

}  // namespace base::json
