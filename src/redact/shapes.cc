#include "redact/shapes.h"

#include <algorithm>
#include <string>

#include "base/text.h"
#include "redact/mask.h"
#include "redact/values.h"
#include "redact/work.h"

namespace redact {

namespace {

// "-----" at `i`?
bool is_dashes(std::string_view text, std::size_t i) {
  return text.substr(i, 5) == "-----";
}

// What a PEM block has between its lines, with line ends as escapes or as base::printable()'s '?'.
bool in_pem(char c) {
  return is_base64(c) || c == '=' || c == '?' || c == '\\' || c == ':' || c == ',' || is_blank(c) ||
         is_line_end(c);
}

bool in_key(char c) {
  return is_alnum(c) || c == '+' || c == '/' || c == '=';
}

}  // namespace

std::size_t pem_line_end(std::string_view text, std::size_t begin) {
  constexpr std::size_t kLeastDashes = 4, kMostDashes = 5, kLongestLabel = 64;
  const auto dashes = [&](std::size_t i) {
    std::size_t end = i;
    while (end < text.size() && end - i < kMostDashes && text[end] == '-')
      ++end;
    return end - i;
  };
  const std::size_t front = dashes(begin);
  if (front < kLeastDashes) return 0;
  std::size_t end = begin + front;
  while (end < text.size() && end - begin < kLongestLabel &&
         (is_alnum(text[end]) || text[end] == ' '))
    ++end;
  worked(end - begin);
  constexpr std::string_view kLabel = "private key";
  const std::string label = base::to_lower(text.substr(begin + front, end - begin - front));
  if (label.find(kLabel) == label.npos || dashes(end) < front) return 0;
  return end + front;
}

Found pem_at(std::string_view text, std::size_t at, std::size_t floor) {
  std::size_t begin = at + 1;
  while (begin > floor && at - begin + 1 < 5 && text[begin - 1] == '-')
    --begin;
  const std::size_t line_end = pem_line_end(text, begin);
  if (line_end == 0) return {};
  const std::size_t word = skip(text, at + 1, ' ');
  if (text.substr(word, 5) == "BEGIN") {
    std::size_t end = line_end;
    while (end < text.size() && in_pem(text[end]) && !is_dashes(text, end) &&
           text.substr(end, 5) != "---- ")
      ++end;
    worked(end - line_end);
    if (const std::size_t foot = pem_line_end(text, end); foot != 0) return {begin, foot};
    while (end > line_end && (text[end - 1] == '\\' || is_blank(text[end - 1])))
      --end;
    return {begin, end};
  }
  // The end of a block whose beginning is not here.
  std::size_t from = begin;
  while (from > floor && in_pem(text[from - 1]) && text[from - 1] != ':')
    --from;
  worked(begin - from);
  while (from < begin && !is_base64(text[from]))
    ++from;
  return {from, line_end};
}

std::vector<Found> key_runs(std::string_view text, std::size_t from) {
  // A key of RSA with 16,384 bits has 200 lines of 64 characters, and as much before each.
  constexpr std::size_t kMostBytes = 32 * 1024;
  constexpr std::size_t kLeastRun = 16, kLeastLine = 60;
  const std::string_view after = text.substr(0, std::min(text.size(), from + kMostBytes));
  std::size_t end = after.find("-----", from);
  while (end != after.npos && after.substr(end + 5, 6) != "BEGIN " && pem_line_end(text, end) == 0)
    end = after.find("-----", end + 5);
  const bool has_foot = end != after.npos && after.substr(end + 5, 4) == "END ";
  const std::size_t least = has_foot ? kLeastRun : kLeastLine;
  std::vector<Found> out;
  end = std::min(end, after.size());
  worked(end - from);
  for (std::size_t i = from; i < end; ++i) {
    if (is_escaped_blank(text, i)) {
      i = skip(text, i, '\\');  // its letter is of no run
      continue;
    }
    if (text[i] == '\\') {
      i = skip(text, i, '\\') - 1;
      continue;
    }
    const std::size_t begin = i;
    while (i < end && in_key(text[i]))
      ++i;
    if (i - begin >= least) out.push_back({begin, i});
  }
  return out;
}

std::size_t end_with_key(std::string_view text, const Found& found) {
  constexpr std::string_view kBegin = "-----BEGIN ";
  std::size_t end = found.end;
  const auto next = [&](std::size_t from) {
    return text.substr(0, std::min(end + kBegin.size() - 1, text.size())).find(kBegin, from);
  };
  for (std::size_t at = found.begin; (at = next(at)) < end; ++at)
    end = std::max(end, pem_at(text, at + 4, found.begin).end);
  return end;
}

Found url_at(std::string_view text, std::size_t at) {
  constexpr std::size_t kMost = 512;       // of user and password
  constexpr std::size_t kLeastToken = 20;  // of a user that is a token
  constexpr std::size_t kMostOthers = 4;   // "://" in a password
  const std::size_t begin = at + 3;
  if (mask_size(text.substr(begin)) > 0) return {};
  std::size_t end = begin, colon = 0, sign = 0, slash = 0, others = 0;
  for (; end < text.size() && end - begin < kMost; ++end) {
    const char c = text[end];
    if (static_cast<unsigned char>(c) <= ' ' || is_quote(c) || c == '\\') break;
    if (c == '@') sign = end;
    if (c == ':' && colon == 0 && sign == 0) colon = end;
    if ((c == '/' || c == '?' || c == '#') && slash == 0) slash = end;
    if (slash != 0 && colon == 0) break;
    if (c == ':' && text.substr(end + 1, 2) == "//" && ++others == kMostOthers) break;
  }
  worked(end - begin);
  if (sign == 0) return {};
  if (slash != 0 && slash < sign) {
    // host:8080/a@b has no password, user:p/w@host has one.
    const std::string_view port = text.substr(colon + 1, slash - colon - 1);
    if (std::all_of(port.begin(), port.end(), is_digit)) return {};
  }
  if (colon == 0) {
    const std::string_view user = text.substr(begin, sign - begin);
    return user.size() >= kLeastToken && is_secret(Holds::random, user, Place::quoted)
               ? Found{begin, sign}
               : Found{};
  }
  const std::string_view password = text.substr(colon + 1, sign - colon - 1);
  return is_secret(Holds::password, password, Place::quoted) ? Found{colon + 1, sign} : Found{};
}

Found dsn_at(std::string_view text, std::size_t at, std::size_t floor) {
  const std::string_view after = text.substr(at + 1, 5);
  if (!after.starts_with("tcp(") && after != "unix(") return {};
  std::size_t begin = at, colon = 0;
  // Not into the DSN before it.
  const auto opens = [&](std::size_t i) {
    return text[i] == '(' && i >= 4 &&
           (text.substr(i - 4, 4) == "@tcp" || text.substr(i - 4, 4) == "unix");
  };
  while (begin > floor && static_cast<unsigned char>(text[begin - 1]) > ' ' &&
         !is_quote(text[begin - 1]) && text[begin - 1] != '=' && text[begin - 1] != '\\' &&
         !opens(begin - 1)) {
    --begin;
    if (text[begin] == ':') colon = begin;
  }
  worked(at - begin);
  return colon != 0 && mask_size(text.substr(colon + 1)) == 0 ? Found{colon + 1, at} : Found{};
}

Found aws_secret_after(std::string_view text, std::size_t at) {
  constexpr std::size_t kNear = 48, kLength = 40, kWord = 16;
  const std::size_t most = std::min(text.size(), at + kNear);
  for (std::size_t begin = at; begin < most; ++begin) {
    if (!is_base64(text[begin])) continue;
    std::size_t end = begin;
    while (end < std::min(text.size(), begin + kLength + 1) && is_base64(text[end]))
      ++end;
    const bool fits = end - begin == kLength &&
                      is_secret(Holds::random, text.substr(begin, kLength), Place::quoted);
    if (fits) return {begin, end};
    if (end - begin >= kWord) return {};  // another key's id, or anything else
    begin = end;
  }
  return {};
}

}  // namespace redact
