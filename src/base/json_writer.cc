#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/check.h"
#include "base/json.h"
#include "base/utf8.h"

namespace base::json {
namespace {

// Whether the byte ends a run that can be copied unchanged: control, quote, backslash or not ASCII.
constexpr std::array<bool, 256> make_stops() {
  std::array<bool, 256> stops{};
  for (std::size_t c = 0; c < stops.size(); ++c) {
    stops[c] = c < 0x20 || c == '"' || c == '\\' || c >= 0x80;
  }
  return stops;
}
constexpr auto kStops = make_stops();

// Eight bytes at once, by the usual "has a byte less than / equal to" arithmetic: never misses a
// byte that stops a run; a false positive occurs only next to one.
bool may_stop(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101U;
  constexpr std::uint64_t kHighs = 0x8080808080808080U;
  const std::uint64_t quote = word ^ (kOnes * '"');
  const std::uint64_t backslash = word ^ (kOnes * '\\');
  const std::uint64_t hit = (word - kOnes * 0x20) | (quote - kOnes) | (backslash - kOnes) | word;
  return (hit & kHighs) != 0;
}

// Index of the next byte at or after `at` that must be examined.
std::size_t next_stop(std::string_view s, std::size_t at) {
  while (at + 8 <= s.size()) {
    std::uint64_t word = 0;
    std::memcpy(&word, s.data() + at, sizeof word);
    if (may_stop(word)) break;
    at += 8;
  }
  while (at < s.size() && !kStops[static_cast<unsigned char>(s[at])])
    ++at;
  return at;
}

// The letter behind the backslash; 'u': the character's number follows.
constexpr std::array<char, 0x80> make_letters() {
  std::array<char, 0x80> letters{};
  for (std::size_t c = 0; c < 0x20; ++c)
    letters[c] = 'u';
  letters['"'] = '"';
  letters['\\'] = '\\';
  letters['\b'] = 'b';
  letters['\f'] = 'f';
  letters['\n'] = 'n';
  letters['\r'] = 'r';
  letters['\t'] = 't';
  return letters;
}
constexpr auto kLetters = make_letters();

// Appends the characters from `at` on that need an escape, as many as follow each other, and returns
// the index behind them. A text of nothing else takes no longer than any other.
std::size_t append_escapes(std::string& out, std::string_view s, std::size_t at) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  constexpr std::size_t kLongest = 6;  // \u001f
  std::array<char, 64> text;
  std::size_t size = 0;
  for (; at < s.size() && size + kLongest <= text.size(); ++at) {
    const auto c = static_cast<unsigned char>(s[at]);
    const char letter = c < kLetters.size() ? kLetters[c] : '\0';
    if (letter == '\0') break;
    text[size++] = '\\';
    text[size++] = letter;
    if (letter != 'u') continue;
    for (const char digit : {'0', '0', kDigits[c >> 4], kDigits[c & 15]})
      text[size++] = digit;
  }
  out.append(text.data(), size);
  return at;
}

template <class T>
void append_number(std::string& out, T value) {
  std::array<char, 32> text;  // the longest double, -2.2250738585072014e-308, has 24
  const auto [end, ec] = std::to_chars(text.data(), text.data() + text.size(), value);
  CHECK(ec == std::errc());
  out.append(text.data(), end);
}

}  // namespace

void append_double(std::string& out, double value) {
  // The shortest of these that reads back as the same number. std::to_chars would add 140 kB of
  // tables for doubles to the program, and few doubles are written.
  if (value == 0 && std::signbit(value)) {
    out += "-0.0";  // "-0" would read back as a whole number without its sign
    return;
  }
  char text[32];
  for (const int digits : {15, 16, 17}) {
    std::snprintf(text, sizeof text, "%.*g", digits, value);
    if (std::strtod(text, nullptr) == value) break;
  }
  out += text;
}

void append_string(std::string& out, std::string_view s) {
  out += '"';
  std::size_t run = 0;  // start of what is not copied yet
  std::size_t at = 0;
  while ((at = next_stop(s, at)) < s.size()) {
    if (static_cast<unsigned char>(s[at]) < 0x80) {
      out.append(s, run, at - run);
      run = at = append_escapes(out, s, at);
      continue;
    }
    const Utf8Step step = utf8_step(s, at);
    if (!step.valid) {
      out.append(s, run, at - run).append(kReplacement);
      run = at + step.length;
    }
    at += step.length;
  }
  out.append(s, run);
  out += '"';
}

Writer& Writer::open(char c) {
  separate();
  out_ += c;
  comma_ = false;
  return *this;
}

Writer& Writer::close(char c) {
  out_ += c;
  comma_ = true;
  return *this;
}

void Writer::separate() {
  if (comma_) out_ += ',';
  comma_ = true;
}

Writer& Writer::key(std::string_view k) {
  separate();
  append_string(out_, k);
  out_ += ':';
  comma_ = false;
  return *this;
}

Writer& Writer::string(std::string_view s) {
  separate();
  append_string(out_, s);
  return *this;
}

Writer& Writer::integer(std::int64_t n) {
  separate();
  append_number(out_, n);
  return *this;
}

Writer& Writer::unsigned_integer(std::uint64_t n) {
  separate();
  append_number(out_, n);
  return *this;
}

Writer& Writer::number(double d) {
  if (!std::isfinite(d)) return null();
  separate();
  append_double(out_, d);
  return *this;
}

Writer& Writer::raw(std::string_view json) {
  separate();
  out_.append(json);
  return *this;
}

}  // namespace base::json
