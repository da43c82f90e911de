#include "redact/encoded.h"

#include <algorithm>
#include <optional>

#include "base/encoding.h"
#include "redact/work.h"

namespace redact {

namespace {

constexpr std::size_t kLeast = 20;          // characters: shorter ones hold no secret of ours
constexpr std::size_t kMost = 1536 * 1024;  // of an object in etcd
constexpr char kSequence = '\x30';          // of ASN.1
constexpr std::size_t kDecoding = 4;        // work for each byte
constexpr std::size_t kWrapped = 60;        // a shorter line is the last one

std::size_t run_end(std::string_view text, std::size_t i) {
  while (i < text.size() && is_base64(text[i]))
    ++i;
  return i;
}

// The beginning of the next line's text; `i` itself when no line ends there.
std::size_t next_line(std::string_view text, std::size_t i) {
  std::size_t at = i;
  if (is_escaped_blank(text, at)) {
    at = skip(text, at, '\\') + 1;
  } else if (at < text.size() && is_line_end(text[at])) {
    at += text.substr(at).starts_with("\r\n") ? 2 : 1;
  } else {
    return i;
  }
  return skip_blanks(text, at);
}

// Either alphabet, padded or not.
std::string in_standard_form(std::string_view part) {
  std::string out;
  out.reserve(part.size() + 3);
  for (std::size_t i = 0; i < part.size(); ++i) {
    if (is_escaped_blank(part, i)) {
      i = skip(part, i, '\\');
    } else if (is_base64(part[i])) {
      out += part[i] == '-' ? '+' : part[i] == '_' ? '/' : part[i];
    }
  }
  if (out.size() % 4 == 1) out.pop_back();  // cut
  out.append((4 - out.size() % 4) % 4, '=');
  return out;
}

}  // namespace

Found encoded_at(std::string_view text, std::size_t at, std::string& decoded) {
  if (!starts_word(text, at)) return {};
  std::size_t end = run_end(text, at);
  for (std::size_t line = at; end - line >= kWrapped && end - at < kMost;) {
    const std::size_t next = next_line(text, end);
    const std::size_t next_end = run_end(text, next);
    if (next == end || next_end - next < 4) break;
    line = next;
    end = next_end;
  }
  // A text that is decoded again and again, from each word of it, is soon masked whole.
  worked(kDecoding * (end - at));
  if (end - at < kLeast || end - at > kMost) return {};
  std::optional<std::string> plain =
      base::parse_base64(in_standard_form(text.substr(at, end - at)));
  if (!plain) return {};
  decoded = *std::move(plain);
  return {at, skip(text, end, '=')};
}

Found run_around(std::string_view text, std::size_t at, std::size_t floor, std::size_t& end) {
  std::size_t begin = at;
  while (begin > floor && is_base64(text[begin - 1]))
    --begin;
  if (begin > 0 && begin < at && is_escaped_blank(text, begin - 1)) ++begin;  // its letter
  end = run_end(text, at);
  worked(end - begin);
  if (end - begin < kLeast) return {};
  constexpr std::size_t kFirst = 8;  // characters, which are 6 bytes
  const std::optional<std::string> first =
      base::parse_base64(in_standard_form(text.substr(begin, kFirst)));
  if (!first) return {};
  const bool is_text = std::all_of(first->begin(), first->end(), [](char c) {
    return static_cast<unsigned char>(c) >= ' ' ? c != 0x7F : c == '\n' || c == '\t' || c == '\r';
  });
  const bool is_sequence = first->front() == kSequence;
  return is_text || is_sequence ? Found{begin, end} : Found{};
}

bool is_private_key(std::string_view decoded) {
  // The contents of the element that begins there; empty if none of this tag does.
  const auto inside = [](std::string_view der, char tag) {
    if (der.size() < 2 || der.front() != tag) return std::string_view();
    const auto length = static_cast<unsigned char>(der[1]);
    return der.substr(std::min<std::size_t>(der.size(), length < 0x80 ? 2 : 2 + (length & 7)));
  };
  const std::string_view key = inside(decoded, kSequence);
  const std::string_view version = key.substr(0, 3);
  if (version == std::string_view("\x02\x01\x00", 3)) {
    // PKCS #1 has the modulus next, PKCS #8 an algorithm.
    const std::string_view next = key.substr(3);
    return !inside(next, '\x02').empty() || inside(inside(next, kSequence), '\x06').size() > 2;
  }
  if (version == "\x02\x01\x01" && !inside(key.substr(3), '\x04').empty()) return true;
  // Encrypted, PKCS #5.
  constexpr std::string_view kPkcs5 = "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05";
  return inside(key, kSequence).starts_with(kPkcs5);
}

bool is_compressed(std::string_view decoded) {
  constexpr std::size_t kShort = 48;
  return decoded.size() >= kShort && decoded.starts_with("\x1f\x8b\b");
}

}  // namespace redact
