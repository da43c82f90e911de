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

}  // namespace

double nearest_double(std::string_view text) {
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

bool WrittenNumbers::next(WrittenNumber& out) {
  // Shorter ones fit 64 bits.
  constexpr std::size_t kFits = 18;
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == '"') {
      at_ = after_string(text_, at_);
      continue;
    }
    if (c != '-' && !is_digit(c)) {
      ++at_;
      continue;
    }
    bool whole = false;
    const std::size_t from = at_, size = number_length(text_.substr(from), whole);
    const std::string_view number = text_.substr(from, size);
    at_ += std::max<std::size_t>(size, 1);
    const bool held =
        whole && (size <= kFits || fits<std::int64_t>(number) || fits<std::uint64_t>(number));
    if (size == 0 || held) continue;
    out = {from, number, whole};
    return true;
  }
  return false;
}

void tame(char* text, std::string_view original) {
  WrittenNumbers numbers(original);
  for (WrittenNumber number; numbers.next(number);) {
    if (!number.whole && std::isfinite(nearest_double(number.text))) continue;
    // Numbers shorter than these three characters fit a double.
    std::fill_n(text + number.at, number.text.size(), ' ');
    std::copy_n("0.0", 3, text + number.at);
  }
}

}  // namespace base::json
