#include "policy/glob.h"

#include <cstddef>

namespace policy {

// On a mismatch only the last star is tried again with one character more: an earlier one need not be.
bool matches(std::string_view pattern, std::string_view text) {
  // Most patterns end in a literal, and most texts end otherwise.
  if (!pattern.empty() && pattern.back() != '*' && (text.empty() || pattern.back() != text.back()))
    return false;
  std::size_t p = 0, t = 0, star = std::string_view::npos, mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*')
    ++p;
  return p == pattern.size();
}

}  // namespace policy
