// Writes a tree of Nodes as JSON.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "base/json.h"
#include "base/yaml.h"

namespace base::yaml {
namespace {

bool is_one_of(std::string_view s, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), s) != words.end();
}

bool all_digits(std::string_view s, std::string_view digits) {
  return !s.empty() && s.find_first_not_of(digits) == std::string_view::npos;
}

constexpr std::string_view kDecimal = "0123456789";

// A whole number of the core schema (0o and 0x take no sign); false when it is not one or exceeds
// 64 bits.
bool append_integer(std::string& out, std::string_view s) {
  int base = 10;
  bool negative = false;
  if (s.starts_with("0x")) {
    base = 16;
  } else if (s.starts_with("0o")) {
    base = 8;
  } else if (s.starts_with('-') || s.starts_with('+')) {
    negative = s.front() == '-';
    s.remove_prefix(1);
  }
  if (base != 10) s.remove_prefix(2);
  if (!all_digits(s, base == 16 ? "0123456789abcdefABCDEF" : kDecimal.substr(0, base))) {
    return false;
  }
  std::uint64_t value = 0;
  const auto [end, ec] = std::from_chars(s.data(), s.data() + s.size(), value, base);
  if (ec != std::errc() || end != s.data() + s.size()) return false;
  constexpr std::uint64_t kLeast = std::uint64_t{1} << 63;  // the magnitude of -2^63
  if (negative && value > kLeast) return false;
  if (negative && value != 0) out += '-';
  json::Writer(out).unsigned_integer(value);
  return true;
}

// A float of the core schema. Infinities and NaN do not exist in JSON: they stay strings.
bool append_float(std::string& out, std::string_view s) {
  if (s.starts_with("+-")) return false;
  if (s.starts_with('+')) s.remove_prefix(1);
  std::string_view rest = s;
  if (rest.starts_with('-')) rest.remove_prefix(1);
  const std::size_t exponent = rest.find_first_of("eE");
  if (exponent != std::string_view::npos) {
    std::string_view digits = rest.substr(exponent + 1);
    if (digits.starts_with('-') || digits.starts_with('+')) digits.remove_prefix(1);
    if (!all_digits(digits, kDecimal)) return false;
    rest = rest.substr(0, exponent);
  }
  const std::size_t dot = rest.find('.');
  const std::string_view whole = rest.substr(0, dot);
  const std::string_view fraction =
      dot == std::string_view::npos ? std::string_view() : rest.substr(dot + 1);
  if (whole.empty() && fraction.empty()) return false;
  if (!whole.empty() && !all_digits(whole, kDecimal)) return false;
  if (!fraction.empty() && !all_digits(fraction, kDecimal)) return false;
  const double value = std::strtod(std::string(s).c_str(), nullptr);
  if (!std::isfinite(value)) return false;
  json::Writer(out).number(value);
  return true;
}

void append_scalar(std::string& out, const Node& node) {
  const std::string& s = node.scalar;
  if (!node.quoted) {
    if (is_one_of(s, {"true", "True", "TRUE"})) {
      out += "true";
      return;
    }
    if (is_one_of(s, {"false", "False", "FALSE"})) {
      out += "false";
      return;
    }
    if (append_integer(out, s) || append_float(out, s)) return;
  }
  json::append_string(out, s);
}

void append(std::string& out, const Node& node) {
  char before = '\0';
  switch (node.kind) {
    case Node::Kind::null:
      out += "null";
      return;
    case Node::Kind::scalar:
      append_scalar(out, node);
      return;
    case Node::Kind::sequence:
      before = '[';
      for (const Node& item : node.items) {
        out += before;
        append(out, item);
        before = ',';
      }
      out += before == '[' ? "[]" : "]";
      return;
    case Node::Kind::mapping:
      before = '{';
      for (const auto& [key, value] : node.members) {
        out += before;
        json::append_string(out, key);
        out += ':';
        append(out, value);
        before = ',';
      }
      out += before == '{' ? "{}" : "}";
      return;
  }
}

}  // namespace

std::string to_json(const Node& node) {
  std::string out;
  append(out, node);
  return out;
}

}  // namespace base::yaml
