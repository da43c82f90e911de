#include "base/json_numbers.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>

namespace base::json {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Skips past the closing quote of the string that begins at `at`.
std::size_t after_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      return at + 1;
    }
  }
  return text.size();
}

// The length of the number at the front by JSON's grammar (RFC 8259, 6); 0 when there is none.
std::size_t number_length(std::string_view text, bool& whole) {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t from = at;
    while (at < text.size() && is_digit(text[at]))
      ++at;
    return at - from;
  };
  const auto is = [&](char a, char b) {
    return at < text.size() && (text[at] == a || text[at] == b);
  };
  if (is('-', '-')) ++at;
  const std::size_t first = at;
  const std::size_t leading = digits();
  if (leading == 0 || (leading > 1 && text[first] == '0')) return 0;
  whole = true;
  if (is('.', '.')) {
    whole = false;
    ++at;
    if (digits() == 0) return 0;
  }
  if (is('e', 'E')) {
    whole = false;
    ++at;
    if (is('+', '-')) ++at;
    if (digits() == 0) return 0;
  }
  return at;
}

template <class T>
bool fits(std::string_view text) {
  T value{};
  return std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc();
}

double nearest(std::string_view text) {
  double value = 0;
  const auto got = std::from_chars(text.data(), text.data() + text.size(), value);
  if (got.ec != std::errc::result_out_of_range) return value;
  // Out of range at either end: 1e-400 counts as 0, 1e400 as infinite.
  const std::size_t exponent = text.find_first_of("eE");
  const bool small =
      exponent != std::string_view::npos && exponent + 1 < text.size() && text[exponent + 1] == '-';
  value = small ? 0.0 : std::numeric_limits<double>::infinity();
  return text.front() == '-' ? -value : value;
}

}  // namespace

std::vector<WrittenNumber> written_numbers(std::string_view text) {
  std::vector<WrittenNumber> out;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '"') {
      at = after_string(text, at);
      continue;
    }
    if (c != '-' && !is_digit(c)) {
      ++at;
      continue;
    }
    bool whole = false;
    const std::size_t size = number_length(text.substr(at), whole);
    const std::string_view number = text.substr(at, size);
    const bool held = whole && (fits<std::int64_t>(number) || fits<std::uint64_t>(number));
    if (size > 0 && !held) out.push_back({at, number, nearest(number), whole});
    at += std::max<std::size_t>(size, 1);
  }
  return out;
}

void tame(char* text, const std::vector<WrittenNumber>& numbers) {
  for (const WrittenNumber& number : numbers) {
    if (!number.whole && std::isfinite(number.value)) continue;
    // Numbers shorter than these three characters fit a double.
    std::fill_n(text + number.at, number.text.size(), ' ');
    std::copy_n("0.0", 3, text + number.at);
  }
}

}  // namespace base::json
