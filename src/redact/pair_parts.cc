#include "redact/pair_parts.h"

#include <algorithm>
#include <string>

#include "base/text.h"
#include "redact/nested.h"
#include "redact/work.h"

namespace redact {

namespace {

constexpr std::size_t kNameBytes = 64;  // before and after the anchor

Found name_around(std::string_view text, std::size_t at, std::size_t floor) {
  std::size_t begin = at, end = at;
  while (begin > floor && at - begin < kNameBytes &&
         (is_name(text[begin - 1]) || text[begin - 1] == '/')) {
    --begin;
  }
  while (end < text.size() && end - at < kNameBytes && is_name(text[end]))
    ++end;
  worked(end - begin);
  // "\npassword", "\u0000password": what belongs to the escape.
  if (begin > floor && text[begin - 1] == '\\') {
    const char c = text[begin];
    const bool one = c == 'n' || c == 'r' || c == 't' || c == 'b' || c == 'f';
    const std::size_t escape = c == 'u' ? 5 : one ? 1 : 0;
    begin = std::min(begin + escape, at);
  }
  // "\x1b[1;36mpassword": what belongs to the style.
  if (begin > floor && (text[begin - 1] == '[' || text[begin - 1] == ';')) {
    std::size_t letter = begin;
    while (letter < at && is_digit(text[letter]))
      ++letter;
    if (letter > begin && letter < at && text[letter] == 'm') begin = letter + 1;
  }
  return {begin, end};
}

// Does the word at `i` say "key", "name" …, ignoring case, and end there? 0, or its end.
std::size_t word_end(std::string_view text, std::size_t i, std::string_view word) {
  if (!base::iequals(text.substr(i, word.size()), word)) return 0;
  return is_name(at(text, i + word.size())) ? 0 : i + word.size();
}

// \u003d and \u003a, %3D: how encoders write '=' and ':'.
std::size_t escaped_mark(std::string_view text, std::size_t i, char& mark) {
  if (at(text, i) == '%') {
    if (!base::iequals(text.substr(i, 3), "%3d")) return i;
    mark = '=';
    return i + 3;
  }
  const std::size_t u = skip(text, i, '\\');
  if (u == i) return i;
  const std::string_view code = text.substr(u, 5);
  if (base::iequals(code, "u003d")) mark = '=';
  if (base::iequals(code, "u003a")) mark = ':';
  return mark != 0 ? u + 5 : i;
}

// name: X, value: y: the word "value" of the name X; empty: it is no such pair.
Found value_member(std::string_view text, const Found& name) {
  // A quote, a comma, a line's end and its indentation; backslashes only escape these.
  constexpr std::size_t kBetween = 64;
  std::size_t i = name.end;
  for (std::size_t n = 0; i < text.size() && n < kBetween;) {
    const char c = text[i];
    n += c == '\\' ? 0 : 1;
    if (c == '\\') {
      const bool blank = is_escaped_blank(text, i);
      i = skip(text, i, '\\') + (blank ? 1 : 0);
    } else if (is_quote(c) || c == ',' || c == ';' || is_blank(c) || is_line_end(c) ||
               is_lost_line_end(text, i)) {
      ++i;
    } else {
      break;
    }
  }
  const std::size_t end = word_end(text, i, "value");
  return end == 0 ? Found{} : Found{i, end};
}

}  // namespace

Separator separator_at(std::string_view text, const Found& name) {
  Separator out;
  std::size_t i = skip_quote(text, name.end);
  if (at(text, i) == ']') ++i;
  i = skip_blanks(text, i);
  // ? password
  // : x
  std::size_t below = 0;
  if (name.begin >= 2 && text.substr(name.begin - 2, 2) == "? " && ends_line(text, i, below))
    i = skip_blanks(text, below);
  const char c = at(text, i);
  if (c == ':' || c == '=') {
    out.mark = c;
    ++i;
    if (at(text, i) == '=' || at(text, i) == '>') ++i;
    // A scheme, a name in a scope.
    if (c == ':' && (text.substr(i).starts_with("//") || at(text, i) == ':')) return {};
  } else if (c == '>' && name.begin > 0 && text[name.begin - 1] == '<') {
    out.mark = '>';
    ++i;
  } else if (const std::size_t next = escaped_mark(text, i, out.mark); next != i) {
    i = next;
  } else if (text[name.begin] == '-' && is_blank(at(text, name.end)) && c != '\0' && c != '-') {
    out.mark = ' ';  // --password x
  } else {
    return {};
  }
  out.after = skip_blanks(text, i);
  out.spaced = out.after > i;
  return out;
}

bool begins_line(std::string_view text, std::size_t i) {
  while (i > 0) {
    const char c = text[i - 1];
    if (is_line_end(c) || is_lost_line_end(text, i - 1)) return true;
    if (i >= 2 && is_escaped_blank(text, i - 2) && (c == 'n' || c == 'r' || c == 't')) return true;
    if (!is_blank(c) && c != '-' && c != '"' && c != '\'') return false;
    --i;
  }
  return true;
}

bool is_named(std::string_view text, const Found& name) {
  std::size_t i = name.begin;
  const auto back = [&] {
    while (i > 0 && (is_quote(text[i - 1]) || text[i - 1] == '\\' || is_blank(text[i - 1])))
      --i;
  };
  back();
  if (i == 0 || (text[i - 1] != ':' && text[i - 1] != '=')) return false;
  --i;
  back();
  const std::size_t most = std::min<std::size_t>(i, 4);
  const std::string before = base::to_lower(text.substr(i - most, most));
  return before.ends_with("name") || before.ends_with("key");
}

bool begins_string(std::string_view text, const Found& name) {
  if (is_quote(at(text, name.end))) return false;
  std::size_t i = name.begin;
  while (i > 0 && (is_blank(text[i - 1]) || text[i - 1] == '-'))
    --i;
  return i > 0 && is_quote(text[i - 1]);
}

std::size_t end_of_names(std::string_view text, std::size_t at, const Found& name) {
  if (name.end - at < kNameBytes) return name.end;
  std::size_t end = name.end;
  while (end < text.size() && is_name(text[end]))
    ++end;
  worked(end - name.end);
  return end - kNameBytes;
}

Parts parts_at(std::string_view text, std::size_t at, std::size_t floor) {
  Parts out;
  out.name = out.written = name_around(text, at, floor);
  out.separator = separator_at(text, out.name);
  const bool named = out.separator.mark == 0 && is_named(text, out.name);
  if (named) {
    out.written = value_member(text, out.name);
    if (out.written) out.separator = separator_at(text, out.written);
  }
  // Names are costly to read: most words are followed by no value.
  const bool asks = out.separator.mark != 0 || named || text[out.name.begin] == '-';
  if (!asks) return out;
  worked(kWorkOfName);
  const std::string_view word = text.substr(out.name.begin, out.name.end - out.name.begin);
  out.holds = holds(word);
  if ((word == "key" || word == "keys") && out.separator.mark == ':') {
    out.map = parent_of(text, out.name, floor);
    out.holds = keys_within(text.substr(out.map.begin, out.map.end - out.map.begin));
    if (out.holds == Holds::nothing) out.map = {};
  }
  return out;
}

}  // namespace redact
