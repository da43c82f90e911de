#include "base/utf8.h"

#include <cstdint>
#include <cstring>

#include "base/encoding.h"
#include "base/text.h"

namespace base {
namespace {

unsigned char byte_at(std::string_view s, std::size_t i) {
  return static_cast<unsigned char>(s[i]);
}

bool is_between(unsigned char b, unsigned low, unsigned high) {
  return b >= low && b <= high;
}

std::size_t ascii_run(std::string_view s, std::size_t at) {
  const std::size_t start = at;
  while (at + 8 <= s.size()) {
    std::uint64_t word = 0;
    std::memcpy(&word, s.data() + at, sizeof word);
    if ((word & 0x8080808080808080U) != 0) break;
    at += 8;
  }
  while (at < s.size() && byte_at(s, at) < 0x80)
    ++at;
  return at - start;
}

// Offset of the first byte that is not UTF-8; s.size() if there is none.
std::size_t first_invalid(std::string_view s) {
  std::size_t at = 0;
  while (true) {
    at += ascii_run(s, at);
    if (at == s.size()) return at;
    const Utf8Step step = utf8_step(s, at);
    if (!step.valid) return at;
    at += step.length;
  }
}

}  // namespace

Utf8Step utf8_step(std::string_view s, std::size_t at) {
  const unsigned char lead = byte_at(s, at);
  if (lead < 0x80) return {1, true};
  // The second byte's range depends on the lead: no overlong forms, no surrogates, nothing beyond
  // U+10FFFF.
  unsigned low = 0x80;
  unsigned high = 0xBF;
  std::size_t length = 0;
  if (is_between(lead, 0xC2, 0xDF)) {
    length = 2;
  } else if (is_between(lead, 0xE0, 0xEF)) {
    length = 3;
    if (lead == 0xE0) low = 0xA0;
    if (lead == 0xED) high = 0x9F;
  } else if (is_between(lead, 0xF0, 0xF4)) {
    length = 4;
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;
  } else {
    return {1, false};
  }
  for (std::size_t i = 1; i < length; ++i) {
    if (at + i >= s.size() || !is_between(byte_at(s, at + i), low, high)) return {i, false};
    low = 0x80;
    high = 0xBF;
  }
  return {length, true};
}

bool valid_utf8(std::string_view s) {
  return first_invalid(s) == s.size();
}

std::string repair_utf8(std::string_view s) {
  std::string out;
  out.reserve(s.size());
  while (!s.empty()) {
    const std::size_t good = first_invalid(s);
    out.append(s.substr(0, good));
    if (good == s.size()) break;
    out.append(kReplacement);
    s.remove_prefix(good + utf8_step(s, good).length);
  }
  return out;
}

bool moves_terminal(std::string_view character) {
  const unsigned char lead = byte_at(character, 0);
  if (character.size() == 1) return lead < 0x20 || lead == 0x7F;
  if (character.size() == 2)
    return (lead == 0xC2 && byte_at(character, 1) < 0xA0) || character == "\u061C";
  if (character.size() != 3 || lead != 0xE2) return false;
  return character == "\u200E" || character == "\u200F" ||
         (character >= "\u2028" && character <= "\u202E") ||
         (character >= "\u2066" && character <= "\u2069");
}

std::string visible(std::string_view s) {
  std::string out;
  out.reserve(s.size());
  for (std::size_t at = 0; at < s.size();) {
    const Utf8Step step = utf8_step(s, at);
    const std::string_view piece = step.valid ? s.substr(at, step.length) : kReplacement;
    at += step.length;
    if (!moves_terminal(piece)) {
      out += piece;
      continue;
    }
    const unsigned lead_bits = piece.size() == 1 ? 0x7F : piece.size() == 2 ? 0x1F : 0xF;
    unsigned code = byte_at(piece, 0) & lead_bits;
    for (std::size_t i = 1; i < piece.size(); ++i)
      code = code << 6 | (byte_at(piece, i) & 0x3FU);
    const char bytes[] = {static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
    out.append("\\u").append(hex(std::string_view(bytes, sizeof bytes)));
  }
  return out;
}

std::string printable(std::string_view s, std::size_t max) {
  constexpr std::string_view kEllipsis = "\u2026";
  std::string out;
  std::size_t fits = 0;  // length of the longest prefix that leaves room for the ellipsis
  for (std::size_t at = 0; at < s.size();) {
    const Utf8Step step = utf8_step(s, at);
    std::string_view piece = step.valid ? s.substr(at, step.length) : kReplacement;
    if (moves_terminal(piece)) piece = "?";
    if (out.size() + piece.size() > max) {
      out.resize(fits);
      if (max >= kEllipsis.size()) out.append(kEllipsis);
      return out;
    }
    out.append(piece);
    if (out.size() + kEllipsis.size() <= max) fits = out.size();
    at += step.length;
  }
  return out;
}

}  // namespace base
