// Characters, and what a text has around a secret: its edges, quotes and line ends, also where the
// text is the content of a JSON string and has them as escapes (\n, \", \\\", \u003d).
#pragma once

#include <cstddef>
#include <string_view>

namespace redact {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
constexpr bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
constexpr bool is_alnum(char c) {
  return is_digit(c) || is_lower(c) || is_upper(c);
}
constexpr bool is_base64(char c) {
  return is_alnum(c) || c == '+' || c == '/' || c == '-' || c == '_';
}
constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t';
}
constexpr bool is_line_end(char c) {
  return c == '\n' || c == '\r';
}
constexpr bool is_quote(char c) {
  return c == '"' || c == '\'' || c == '`';
}
constexpr char at(std::string_view text, std::size_t i) {
  return i < text.size() ? text[i] : '\0';
}

constexpr bool is_digits(std::string_view text) {
  for (const char c : text) {
    if (!is_digit(c)) return false;
  }
  return !text.empty();
}

// A part of a text; empty: nothing was found.
struct Found {
  std::size_t begin = 0, end = 0;
  explicit operator bool() const { return end > begin; }
};

// Does a word begin at `i`: after no letter and no digit, or after an escape?
bool starts_word(std::string_view text, std::size_t i);
// Does the escape of a line end or a tab begin at `i`? (A backslash or several, and n, r or t.)
bool is_escaped_blank(std::string_view text, std::size_t i);
// Was there a line end at `i` before base::printable() made a '?' of it? A line of YAML follows.
bool is_lost_line_end(std::string_view text, std::size_t i);
// The first character at or after `i` that is no `c`.
std::size_t skip(std::string_view text, std::size_t i, char c);
// Behind the colour or style of a terminal that begins at `i` (ESC [ 36 m), as loggers write them
// around names and values; `i` itself when none does.
std::size_t skip_style(std::string_view text, std::size_t i);
// The same for blanks, styles, and tabs written as escapes.
std::size_t skip_blanks(std::string_view text, std::size_t i);

// The end of the line that `i` is in: a line feed, one that is written as an escape, or a lost one.
// `next`: where the next line begins.
std::size_t line_end(std::string_view text, std::size_t i, std::size_t& next);
// Where the line of text[i] begins, or a place before that is not far, and not before `floor`.
std::size_t line_begin(std::string_view text, std::size_t i, std::size_t floor);
// The end of the line before the one that begins at `begin`.
std::size_t end_before(std::string_view text, std::size_t begin);
// Does the line end at `i`?
bool ends_line(std::string_view text, std::size_t i, std::size_t& next);

// A quote, with the backslashes that escape it in nested JSON.
struct Quote {
  std::size_t backslashes = 0;
  char mark = 0;          // 0: no quote
  std::size_t after = 0;  // the character behind it
};
Quote quote_at(std::string_view text, std::size_t i);
// Behind the quote at `i`; `i` itself when there is none.
std::size_t skip_quote(std::string_view text, std::size_t i);
// The end of the content of a string opened by `quote`: its closing quote, or that of a string
// around it, or the end of the line or of the text.
std::size_t content_end(std::string_view text, const Quote& quote);

}  // namespace redact
