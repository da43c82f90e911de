#include "base/names.h"

#include <algorithm>
#include <cstddef>

#include "base/utf8.h"

namespace base {
namespace {

constexpr std::size_t kMaxLabel = 63;       // RFC 1035 2.3.4
constexpr std::size_t kMaxSubdomain = 253;  // RFC 1035 2.3.4, as text without the root's dot

bool is_lower_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// A label without the limit on its length.
bool is_label(std::string_view s) {
  if (s.empty() || !is_lower_alnum(s.front()) || !is_lower_alnum(s.back())) return false;
  return std::all_of(s.begin(), s.end(), [](char c) { return is_lower_alnum(c) || c == '-'; });
}

}  // namespace

bool is_dns_label(std::string_view s) {
  return s.size() <= kMaxLabel && is_label(s);
}

bool is_dns_subdomain(std::string_view s) {
  if (s.size() > kMaxSubdomain) return false;
  while (true) {
    const std::size_t dot = s.find('.');
    if (!is_label(s.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    s.remove_prefix(dot + 1);
  }
}

bool is_identity_name(std::string_view s) {
  if (s.empty() || s.front() == ' ' || s.back() == ' ') return false;
  for (std::size_t i = 0; i < s.size();) {
    const Utf8Step step = utf8_step(s, i);
    if (!step.valid || moves_terminal(s.substr(i, step.length))) return false;
    i += step.length;
  }
  return true;
}

}  // namespace base
