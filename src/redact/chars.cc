#include "redact/chars.h"

#include <algorithm>

#include "redact/work.h"

namespace redact {

namespace {

// A quoted text of several lines is at most so long; else the quote is an apostrophe.
constexpr std::size_t kQuotedBytes = 16 * 1024;

std::size_t backslashes_before(std::string_view text, std::size_t i) {
  std::size_t n = 0;
  while (n < i && text[i - n - 1] == '\\')
    ++n;
  worked(n);
  return n;
}

constexpr bool may_end_line(char c) {
  return c == '\n' || c == '\r' || c == '\\' || c == '?';
}

}  // namespace

bool starts_word(std::string_view text, std::size_t i) {
  if (i == 0 || !is_alnum(text[i - 1])) return true;
  const char before = text[i - 1];
  if (i >= 2 && text[i - 2] == '\\' &&
      (before == 'n' || before == 'r' || before == 't' || before == 'b' || before == 'f')) {
    return true;
  }
  return i >= 6 && text[i - 6] == '\\' && text[i - 5] == 'u';
}

bool is_escaped_blank(std::string_view text, std::size_t i) {
  if (at(text, i) != '\\') return false;
  const char c = at(text, skip(text, i, '\\'));
  return c == 'n' || c == 'r' || c == 't';
}

bool is_lost_line_end(std::string_view text, std::size_t i) {
  if (at(text, i) != '?') return false;
  const std::string_view after = text.substr(i + 1, 2);
  if (after == "  " || after == "- ") return true;
  std::size_t end = i + 1;
  while (is_alnum(at(text, end)))
    ++end;
  worked(end - i);
  return end > i + 1 && at(text, end) == ':';
}

std::size_t skip(std::string_view text, std::size_t i, char c) {
  const std::size_t begin = i;
  while (i < text.size() && text[i] == c)
    ++i;
  worked(i - begin);
  return i;
}

// ESC is one character, an escape, or the '?' that base::printable() made of it.
std::size_t skip_style(std::string_view text, std::size_t i) {
  std::size_t at_bracket = i;
  const char c = at(text, i);
  if (c == '\\') {
    const std::size_t u = skip(text, i, '\\');
    const std::string_view code = text.substr(u, 5);
    if (code != "u001b" && code != "u001B") return i;
    at_bracket = u + 5;
  } else if (c == '\x1b' || c == '?') {
    at_bracket = i + 1;
  } else {
    return i;
  }
  if (at(text, at_bracket) != '[') return i;
  std::size_t end = at_bracket + 1;
  while (is_digit(at(text, end)) || at(text, end) == ';')
    ++end;
  worked(end - i);
  return at(text, end) == 'm' ? end + 1 : i;
}

std::size_t skip_blanks(std::string_view text, std::size_t i) {
  const std::size_t begin = i;
  while (i < text.size()) {
    if (is_blank(text[i])) {
      ++i;
    } else if (const std::size_t after = skip_style(text, i); after != i) {
      i = after;
    } else if (text[i] == '\\' && at(text, skip(text, i, '\\')) == 't') {
      i = skip(text, i, '\\') + 1;
    } else {
      break;
    }
  }
  worked(i - begin);
  return i;
}

Quote quote_at(std::string_view text, std::size_t i) {
  const std::size_t mark = skip(text, i, '\\');
  if (mark >= text.size() || !is_quote(text[mark])) return {};
  return {mark - i, text[mark], mark + 1};
}

bool ends_line(std::string_view text, std::size_t i, std::size_t& next) {
  if (i >= text.size()) return next = text.size(), true;
  if (text[i] == '\r' && at(text, i + 1) == '\n') return next = i + 2, true;
  if (text[i] == '\n' || is_lost_line_end(text, i)) return next = i + 1, true;
  if (text[i] != '\\') return false;
  std::size_t letter = skip(text, i, '\\');
  if (at(text, letter) == 'r' && at(text, letter + 1) == '\\')
    letter = skip(text, letter + 1, '\\');
  return next = letter + 1, at(text, letter) == 'n';
}

std::size_t line_end(std::string_view text, std::size_t i, std::size_t& next) {
  const std::size_t begin = i;
  for (;;) {
    while (i < text.size() && !may_end_line(text[i]))
      ++i;
    if (ends_line(text, i, next)) break;
    i = text[i] == '\\' ? std::min(skip(text, i, '\\') + 1, text.size()) : i + 1;
  }
  worked(i - begin);
  return i;
}

std::size_t line_begin(std::string_view text, std::size_t i, std::size_t floor) {
  constexpr std::size_t kFar = 512;
  const std::size_t from = i;
  while (i > floor && from - i < kFar) {
    if (is_line_end(text[i - 1]) || is_lost_line_end(text, i - 1)) break;
    if (text[i - 1] == 'n' && i >= 2 && text[i - 2] == '\\') break;
    --i;
  }
  worked(from - i);
  return i;
}

std::size_t end_before(std::string_view text, std::size_t begin) {
  if (begin == 0) return 0;
  std::size_t i = begin - 1;
  if (text[i] == 'n') {
    while (i > 0 && text[i - 1] == '\\')
      --i;
    if (i >= 2 && text[i - 1] == 'r' && text[i - 2] == '\\') --i;
    while (i > 0 && text[i - 1] == '\\')
      --i;
    worked(begin - i);
  } else if (text[i] == '\n' && i > 0 && text[i - 1] == '\r') {
    --i;
  }
  return i;
}

std::size_t skip_quote(std::string_view text, std::size_t i) {
  const Quote quote = quote_at(text, i);
  return quote.mark != 0 ? quote.after : i;
}

std::size_t content_end(std::string_view text, const Quote& quote) {
  const std::size_t own = quote.backslashes, period = 2 * (own + 1);
  std::size_t i = quote.after;
  for (; i < text.size(); ++i) {
    if (text[i] != quote.mark) continue;
    std::size_t n = backslashes_before(text, i);
    if (n > i - quote.after) n = i - quote.after;
    if (own == 0 && quote.mark == '\'' && at(text, i + 1) == '\'') {
      ++i;  // YAML's and SQL's escape
    } else if (n < own) {
      worked(i - quote.after);
      return i - n;
    } else if (n % period == own) {
      worked(i - quote.after);
      return i - own;
    }
    if (i - quote.after > kQuotedBytes) break;
  }
  worked(i - quote.after);
  std::size_t end = quote.after;
  while (end < text.size() && !is_line_end(text[end]) && !is_escaped_blank(text, end))
    end = std::max(end + 1, skip(text, end, '\\'));
  worked(end - quote.after);
  return end;
}

}  // namespace redact
