#include "redact/key_lines.h"

#include <algorithm>

#include "base/text.h"
#include "redact/chars.h"
#include "redact/shapes.h"

namespace redact {

namespace {

constexpr std::string_view kBegin = "-----BEGIN ", kEnd = "-----END ";
constexpr std::size_t kLeastRun = 16;
// RFC 7468 has lines of 64 characters, OpenSSH of 70.
constexpr std::size_t kLineSizes[] = {64, 70};

bool in_body(char c) {
  return c == '=' || (is_base64(c) && c != '-' && c != '_');
}
bool is_body(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), in_body);
}

// Where the line's head or foot of a private key is; npos: it has none. `end`: behind it.
std::size_t find_key(std::string_view line, std::string_view what, std::size_t from,
                     std::size_t& end) {
  for (std::size_t at = line.find(what, from); at != line.npos; at = line.find(what, at + 1)) {
    end = pem_line_end(line, at);
    if (end != 0) return at;
  }
  return line.npos;
}

}  // namespace

bool KeyLines::clean(std::string_view line, std::string& out) {
  if (state_ == State::start && clean_start(line, out)) return true;
  if (state_ == State::inside) return clean_inside(line, out);
  std::size_t end = 0, foot = 0;
  while (find_key(line, kBegin, foot, end) != line.npos) {
    if (find_key(line, kEnd, end, foot) != line.npos) continue;
    enter();
    break;
  }
  return false;
}

bool KeyLines::clean_start(std::string_view line, std::string& out) {
  const std::string_view text = base::trim(line);
  const bool sized =
      std::find(std::begin(kLineSizes), std::end(kLineSizes), text.size()) != std::end(kLineSizes);
  if (!sized || !is_body(text)) {
    state_ = State::outside;
    return false;
  }
  enter();
  return clean_inside(line, out);
}

bool KeyLines::clean_inside(std::string_view line, std::string& out) {
  std::size_t end = 0;
  const std::size_t foot = std::min(find_key(line, kEnd, 0, end), line.size());
  if (++lines_ > kMostKeyLines || foot < line.size()) state_ = State::outside;
  const std::string_view body = line.substr(0, foot);
  if (const std::string_view text = base::trim(body); is_body(text)) {
    out = redactor_.mask(text).append(line.substr(foot));
    return true;
  }
  if (mask_runs(body, out)) {
    out += line.substr(foot);
    return true;
  }
  if (++others_ > kMostOtherLines) state_ = State::outside;
  return false;
}

bool KeyLines::mask_runs(std::string_view text, std::string& out) const {
  std::string shown;
  std::size_t copied = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::size_t end = at;
    while (end < text.size() && in_body(text[end]))
      ++end;
    if (end - at >= kLeastRun) {
      shown.append(text.substr(copied, at - copied))
          .append(redactor_.mask(text.substr(at, end - at)));
      copied = end;
    }
    at = end;
  }
  if (copied == 0) return false;
  out = shown.append(text.substr(copied));
  return true;
}

}  // namespace redact
