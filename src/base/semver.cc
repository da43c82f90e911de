#include "base/semver.h"

#include <algorithm>
#include <cstddef>

namespace base {
namespace {

bool is_number(std::string_view s) {
  return !s.empty() && std::all_of(s.begin(), s.end(), [](char c) { return c >= '0' && c <= '9'; });
}

int sign(int n) {
  return (n > 0) - (n < 0);
}

// Numbers of any length: a date and a commit's count make long ones.
int compare_numbers(std::string_view a, std::string_view b) {
  while (a.size() > 1 && a.front() == '0')
    a.remove_prefix(1);
  while (b.size() > 1 && b.front() == '0')
    b.remove_prefix(1);
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return sign(a.compare(b));
}

// The part before the next '.', which is taken off.
std::string_view take_part(std::string_view& rest) {
  const std::size_t dot = rest.find('.');
  const std::string_view part = rest.substr(0, dot);
  rest = dot == rest.npos ? std::string_view() : rest.substr(dot + 1);
  return part;
}

struct Version {
  std::string_view numbers, prerelease;
  bool valid = false;
};

Version read(std::string_view text) {
  Version v;
  text = text.substr(0, text.find('+'));
  if (text.starts_with('v') || text.starts_with('V')) text.remove_prefix(1);
  const std::size_t dash = text.find('-');
  v.numbers = text.substr(0, dash);
  if (dash != text.npos) v.prerelease = text.substr(dash + 1);
  std::string_view rest = v.numbers;
  v.valid = !rest.empty() && rest.back() != '.';
  while (v.valid && !rest.empty())
    v.valid = is_number(take_part(rest));
  return v;
}

int compare_releases(std::string_view a, std::string_view b) {
  while (!a.empty() || !b.empty()) {
    const std::string_view x = take_part(a), y = take_part(b);
    if (const int n = compare_numbers(x.empty() ? "0" : x, y.empty() ? "0" : y); n != 0) return n;
  }
  return 0;
}

int compare_identifiers(std::string_view a, std::string_view b) {
  const bool number_a = is_number(a), number_b = is_number(b);
  if (number_a && number_b) return compare_numbers(a, b);
  if (number_a != number_b) return number_a ? -1 : 1;
  return sign(a.compare(b));
}

int compare_prereleases(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return static_cast<int>(a.empty()) - static_cast<int>(b.empty());
  while (!a.empty() && !b.empty()) {
    if (const int n = compare_identifiers(take_part(a), take_part(b)); n != 0) return n;
  }
  return static_cast<int>(b.empty()) - static_cast<int>(a.empty());
}

}  // namespace

int compare_versions(std::string_view a, std::string_view b) {
  const Version x = read(a), y = read(b);
  if (x.valid != y.valid) return x.valid ? 1 : -1;
  if (!x.valid) return sign(a.compare(b));
  if (const int n = compare_releases(x.numbers, y.numbers); n != 0) return n;
  return compare_prereleases(x.prerelease, y.prerelease);
}

bool is_exact_version(std::string_view version) {
  const Version v = read(version);
  const bool dashed = version.substr(0, version.find('+')).find('-') != version.npos;
  return v.valid && std::count(v.numbers.begin(), v.numbers.end(), '.') == 2 &&
         dashed == !v.prerelease.empty();
}

bool is_prerelease(std::string_view version) {
  return !read(version).prerelease.empty();
}

}  // namespace base
