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

void append_escape(std::string& out, char c) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      out += kDigits[static_cast<unsigned char>(c) >> 4];
      out += kDigits[static_cast<unsigned char>(c) & 15];
  }
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
    const Utf8Step step = utf8_step(s, at);
    const bool ascii = static_cast<unsigned char>(s[at]) < 0x80;
    if (step.valid && !ascii) {
      at += step.length;
      continue;
    }
    out.append(s, run, at - run);
    if (ascii) {
      append_escape(out, s[at]);
    } else {
      out.append(kReplacement);
    }
    at += step.length;
    run = at;
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
