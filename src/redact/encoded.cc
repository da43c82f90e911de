#include "redact/encoded.h"

#include <optional>

#include "base/encoding.h"
#include "redact/work.h"

namespace redact {

namespace {

constexpr std::size_t kLeast = 24;          // characters: shorter ones hold no secret of ours
constexpr std::size_t kMost = 1536 * 1024;  // of an object in etcd
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

bool is_compressed(std::string_view decoded) {
  constexpr std::size_t kShort = 48;
  return decoded.size() >= kShort && decoded.starts_with("\x1f\x8b\b");
}

}  // namespace redact
