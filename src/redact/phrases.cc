#include "redact/phrases.h"

#include <algorithm>

#include "base/text.h"
#include "redact/mask.h"
#include "redact/work.h"

namespace redact {

namespace {

constexpr std::size_t kMostBefore = 128;  // of a command line before a flag

// The word at `i`, or what is between quotes.
Found word_at(std::string_view text, std::size_t i) {
  i = skip_blanks(text, i);
  if (const Quote quote = quote_at(text, i); quote.mark != 0)
    return {quote.after, content_end(text, quote)};
  std::size_t end = i;
  while (end < text.size() && static_cast<unsigned char>(text[end]) > ' ' && !is_quote(text[end]) &&
         text[end] != '\\' && text[end] != ';') {
    ++end;
  }
  worked(end - i);
  return {i, end};
}

// Has the line a program's name before text[i]?
bool is_of(std::string_view text, std::size_t i, std::string_view program) {
  const std::size_t begin = line_begin(text, i, i - std::min(i, kMostBefore));
  return text.substr(begin, i - begin).find(program) != std::string_view::npos;
}

// user:password: its password.
Found login_at(std::string_view text, std::size_t i) {
  Found word = word_at(text, i);
  const std::string_view value = text.substr(word.begin, word.end - word.begin);
  const std::size_t colon = value.find(':');
  if (colon == value.npos || colon == 0 || value.substr(colon + 1).starts_with('/')) return {};
  word.begin += colon + 1;
  return is_digits(value.substr(colon + 1)) ? Found{} : word;
}

// host:5432:database:user:password
Found pgpass_at(std::string_view text, std::size_t colon) {
  constexpr std::size_t kPort = 5;  // with its colon
  std::size_t i = colon + kPort;
  if (!is_digit(at(text, i - 1)) || at(text, i) != ':') return {};
  for (int fields = 0; fields < 2; ++fields) {
    const std::size_t begin = ++i;
    while (i < text.size() &&
           (is_alnum(text[i]) || std::string_view("_-.*").find(text[i]) != std::string_view::npos))
      ++i;
    worked(i - begin);
    if (i == begin || at(text, i) != ':') return {};
  }
  const Found out = word_at(text, i + 1);
  return out.begin == i + 1 ? out : Found{};
}

// Is text[i] within the word of a connection string?
bool is_connection(std::string_view text, std::size_t i) {
  const char c = text[i];
  return static_cast<unsigned char>(c) > ' ' && !is_quote(c) && c != '\\' && c != '=';
}

// user:password@/database, as Go's driver for MySQL reads it.
Found local_login_at(std::string_view text, std::size_t sign) {
  std::size_t begin = sign, colon = 0;
  while (begin > 0 && sign - begin < kMostBefore && is_connection(text, begin - 1))
    if (text[--begin] == ':') colon = begin;
  worked(sign - begin);
  const bool is_login = colon > begin && colon + 1 < sign && text[colon + 1] != '/';
  return is_login ? Found{colon + 1, sign} : Found{};
}

// user/password@host:1521/service, as Oracle's clients read it.
Found oracle_login_at(std::string_view text, std::size_t colon) {
  std::size_t sign = colon;
  const std::size_t least = colon - std::min(colon, kMostBefore);
  while (sign > least && is_connection(text, sign - 1) && text[sign - 1] != '@')
    --sign;
  worked(colon - sign);
  if (sign <= least + 1 || text[sign - 1] != '@') return {};
  std::size_t begin = --sign;
  while (begin > least && is_connection(text, begin - 1) && text[begin - 1] != '/')
    --begin;
  worked(sign - begin);
  const bool has_user = begin > least + 1 && text[begin - 1] == '/' && is_alnum(text[begin - 2]);
  return has_user && begin < sign ? Found{begin, sign} : Found{};
}

// The lines of base64 up to Private-MAC.
Found putty_at(std::string_view text, std::size_t i) {
  std::size_t next = 0;
  line_end(text, i, next);
  std::size_t end = next, last = next;
  while (end < text.size() && (is_base64(text[end]) || text[end] == '=' || text[end] == '\\' ||
                               is_line_end(text[end]))) {
    if (text.substr(end).starts_with("Private-")) break;
    if (is_base64(text[end]) || text[end] == '=') last = end + 1;
    ++end;
  }
  worked(end - i);
  if (last > next && end < text.size() && text[last - 1] == 'n' && text[last - 2] == '\\')
    last -= 2;
  return {next, last};
}

Found found_at(std::string_view text, std::size_t i) {
  const std::string_view here = text.substr(i);
  if (here.starts_with(" -u "))
    return is_of(text, i, "curl") || is_of(text, i, "wget") ? login_at(text, i + 4) : Found{};
  if (here.starts_with("-use")) {
    const bool flag = i > 0 && text[i - 1] == '-' && here.starts_with("-user");
    return flag && (at(text, i + 5) == ' ' || at(text, i + 5) == '=') ? login_at(text, i + 6)
                                                                      : Found{};
  }
  if (here.starts_with(" -a ")) return is_of(text, i, "redis-cli") ? word_at(text, i + 4) : Found{};
  if (here.starts_with(" -p")) {
    if (is_of(text, i, "sshpass")) return word_at(text, i + 3);
    const bool mysql = is_of(text, i, "mysql") || is_of(text, i, "mariadb");
    return mysql && at(text, i + 3) != ' ' ? word_at(text, i + 3) : Found{};
  }
  if (here.starts_with(":543")) return pgpass_at(text, i);
  if (here.starts_with("@/")) return local_login_at(text, i);
  if (here.starts_with(":152")) return oracle_login_at(text, i);
  if (here.starts_with("e-Li")) {
    return i >= 6 && text.substr(i - 6).starts_with("Private-Lines:") ? putty_at(text, i) : Found{};
  }
  // IDENTIFIED BY 'x', IDENTIFIED WITH plugin BY 'x'
  if (i < 6 || !base::iequals(text.substr(i - 6, 10), "identified")) return {};
  constexpr std::size_t kMostWords = 64;
  const std::string_view rest = text.substr(i + 4, kMostWords);
  std::size_t by = 0;
  while (by < rest.size() && !base::iequals(rest.substr(by, 4), " by "))
    ++by;
  worked(by);
  if (by == rest.size() || rest.substr(0, by).find('\'') != rest.npos) return {};
  const std::size_t value = skip_blanks(text, i + 4 + by + 4);
  return quote_at(text, value).mark != 0 ? word_at(text, value) : Found{};
}

}  // namespace

Found phrase_at(std::string_view text, std::size_t at) {
  const Found out = found_at(text, at);
  return out && mask_size(text.substr(out.begin)) == 0 ? out : Found{};
}

}  // namespace redact
