#include "redact/pair_parts.h"

#include <algorithm>
#include <string>

#include "base/text.h"
#include "redact/nested.h"
#include "redact/values.h"
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
  // %22password
  if (begin > floor && text[begin - 1] == '%') {
    const std::size_t quote = encoded_quote(text, begin - 1);
    begin = std::min(begin + (quote != 0 ? quote - 1 : 0), at);
  }
  return {begin, end};
}

// Does the word at `i` say "key", "name" …, ignoring case, and end there? 0, or its end.
std::size_t word_end(std::string_view text, std::size_t i, std::string_view word) {
  if (!base::iequals(text.substr(i, word.size()), word)) return 0;
  return is_name(at(text, i + word.size())) ? 0 : i + word.size();
}

// \u003d and \u003a, %3D and %3A: how encoders write '=' and ':'.
std::size_t escaped_mark(std::string_view text, std::size_t i, char& mark) {
  if (at(text, i) == '%') {
    const bool equals = base::iequals(text.substr(i, 3), "%3d");
    if (!equals && !base::iequals(text.substr(i, 3), "%3a")) return i;
    mark = equals ? '=' : ':';
    return i + 3;
  }
  const std::size_t u = skip(text, i, '\\');
  if (u == i) return i;
  const std::string_view code = text.substr(u, 5);
  if (base::iequals(code, "u003d")) mark = '=';
  if (base::iequals(code, "u003a")) mark = ':';
  return mark != 0 ? u + 5 : i;
}

// <name>X</name>: the element after it. 0: this is none.
std::size_t after_element(std::string_view text, std::size_t i) {
  constexpr std::size_t kMostTag = 16;
  if (text.substr(i, 2) != "</") return 0;
  const std::size_t close = text.substr(i, kMostTag).find('>');
  if (close == text.npos) return 0;
  i += close + 1;
  while (i < text.size() &&
         (is_blank(text[i]) || is_line_end(text[i]) || is_escaped_blank(text, i)))
    i = text[i] == '\\' ? skip(text, i, '\\') + 1 : i + 1;
  return at(text, i) == '<' ? i + 1 : 0;
}

// variable "X" { default = "y" }: the word "default".
Found default_within(std::string_view text, std::size_t open) {
  constexpr std::size_t kMost = 512;
  const std::string_view body = text.substr(open, kMost);
  const std::size_t at = body.substr(0, body.find('}')).find("default");
  worked(std::min(body.size(), kMost));
  if (at == body.npos) return {};
  const std::size_t end = word_end(text, open + at, "default");
  return end == 0 ? Found{} : Found{open + at, end};
}

// name: X, value: y: the word "value" of the name X; empty: it is no such pair.
Found value_member(std::string_view text, const Found& name) {
  if (const std::size_t i = after_element(text, name.end); i != 0) {
    const std::size_t end = std::max(word_end(text, i, "value"), word_end(text, i, "string"));
    return end == 0 ? Found{} : Found{i, end};
  }
  const std::size_t open = skip_blanks(text, skip_quote(text, name.end));
  if (at(text, open) == '{') return default_within(text, open);
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

// Is text[i - 1] a blank, a line's end, or the letter of an escape that is one?
bool is_space_before(std::string_view text, std::size_t i) {
  const char c = text[i - 1];
  return is_blank(c) || is_line_end(c) || (i >= 2 && is_escaped_blank(text, i - 2));
}

// The word before text[end] and what is blank.
Found word_before(std::string_view text, std::size_t end) {
  const std::size_t least = end - std::min(end, kNameBytes);
  while (end > least && (is_space_before(text, end) || text[end - 1] == '\\'))
    --end;
  std::size_t begin = end;
  while (begin > least && !is_space_before(text, begin) && !is_quote(text[begin - 1]))
    --begin;
  worked(end - begin);
  return {begin, end};
}

bool is_password(std::string_view text, const Found& name) {
  constexpr std::string_view kPassword = "password";
  const std::string_view word = text.substr(name.begin, name.end - name.begin);
  return word.size() >= kPassword.size() &&
         base::iequals(word.substr(word.size() - kPassword.size()), kPassword);
}

// Where only a blank is between a name and its value, text[i]:
//   --password x   ENV PASSWORD x   WITH PASSWORD 'x'   login u password x   the password is x
Separator said_at(std::string_view text, const Found& name, std::size_t i) {
  const char c = at(text, i);
  Separator out{' ', true, false, i};
  if (text[name.begin] == '-' && c != '-') return out;
  const auto word = [text](const Found& of) { return text.substr(of.begin, of.end - of.begin); };
  // Redis, and LDAP of PAM.
  for (const std::string_view each : {"requirepass", "masterauth", "bindpw"}) {
    out.bare = true;
    if (word(name) != each) continue;
    if (begins_line(text, name.begin) || begins_string(text, name)) return out;
  }
  const Found before = word_before(text, name.begin);
  for (const std::string_view each : {"ENV", "setenv", "-x", "-gx", "-Ux"}) {
    out.bare = true;
    if (word(before) == each) return out;
  }
  if (!is_password(text, name)) return {};
  if (c == '\'') return out;
  const std::string_view login = word(word_before(text, before.begin));
  if (before && (login == "login" || login == "account" || login == "machine")) return out;
  out.bare = false;
  for (const std::string_view each : {"is ", "was "}) {
    if (!base::iequals(text.substr(i, each.size()), each)) continue;
    out.after = skip_blanks(text, i + each.size());
    const std::string_view rest = text.substr(out.after, kNameBytes);
    const std::string_view value = rest.substr(0, rest.find_first_of(" \t\n,;"));
    worked(value.size());
    const bool says = quote_at(text, out.after).mark != 0 || looks_like_token(value);
    return says ? out : Separator{};
  }
  return {};
}

// <password, <c:password
bool begins_tag(std::string_view text, const Found& name) {
  std::size_t i = name.begin;
  if (i > 1 && text[i - 1] == ':') {
    --i;
    while (i > 0 && name.begin - i < kNameBytes && is_name(text[i - 1]))
      --i;
    worked(name.begin - i);
    if (name.begin - i == 1) return false;
  }
  return i > 0 && text[i - 1] == '<';
}

// <password a="b">x<: the end of the tag that the name begins. 0: it has none.
std::size_t tag_end(std::string_view text, const Found& name) {
  constexpr std::size_t kMost = 256;
  if (!begins_tag(text, name)) return 0;
  const std::string_view rest = text.substr(name.end, kMost);
  const std::size_t end = rest.find_first_of("<>\n");
  worked(std::min(end, rest.size()));
  if (end == rest.npos || rest[end] != '>' || (end > 0 && rest[end - 1] == '/')) return 0;
  return name.end + end + 1;
}

// setenv("PASSWORD", "x"): the second of two texts that a call has. ('Secret', 'ConfigMap') is a list.
bool is_first_of_call(std::string_view text, const Found& name, std::size_t comma) {
  std::size_t i = name.begin;
  if (i == 0 || !is_quote(text[--i])) return false;
  while (i > 0 && (text[i - 1] == '\\' || is_blank(text[i - 1])))
    --i;
  return i > 1 && text[i - 1] == '(' && is_alnum(text[i - 2]) &&
         quote_at(text, skip_blanks(text, comma + 1)).mark != 0;
}

// {{ .Values.password | default "x" }}: the text that stands for none. 0: there is none.
std::size_t default_of(std::string_view text, std::size_t bar) {
  constexpr std::string_view kDefault = "default ";
  const std::size_t i = skip_blanks(text, bar + 1);
  if (text.substr(i, kDefault.size()) != kDefault) return 0;
  const std::size_t value = skip_blanks(text, i + kDefault.size());
  return quote_at(text, value).mark != 0 ? value : 0;
}

}  // namespace

std::size_t encoded_quote(std::string_view text, std::size_t i) {
  const char c = at(text, i);
  if (c != '&' && c != '%') return 0;
  for (const std::string_view each : {"&quot;", "&#34;", "&#39;", "&apos;", "%22", "%27"})
    if (text.substr(i, each.size()) == each) return each.size();
  return 0;
}

Separator separator_at(std::string_view text, const Found& name) {
  Separator out;
  std::size_t i = skip_quote(text, name.end);
  i += encoded_quote(text, i);
  // password[0]=x
  if (at(text, i) == '[' && is_digit(at(text, i + 1))) {
    while (is_digit(at(text, i + 1)))
      ++i;
    ++i;
  }
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
  } else if (c == '>' && begins_tag(text, name)) {
    out.mark = '>';
    ++i;
  } else if (const std::size_t next = escaped_mark(text, i, out.mark); next != i) {
    i = next;
  } else if (const std::size_t value = c == '|' ? default_of(text, i) : 0; value != 0) {
    return {'|', false, false, value};
  } else if (c == ',' && is_first_of_call(text, name, i)) {
    out.mark = ',';
    ++i;
  } else if (is_blank(at(text, name.end)) && c != '\0') {
    const std::size_t tag = tag_end(text, name);
    if (tag == 0) return said_at(text, name, i);
    out.mark = '>';
    i = tag;
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
  constexpr std::string_view kVariable = "variable";
  if (i < name.begin && i >= kVariable.size() &&
      text.substr(i - kVariable.size(), kVariable.size()) == kVariable) {
    return true;
  }
  if (i == 0 || (text[i - 1] != ':' && text[i - 1] != '=' && text[i - 1] != '>')) return false;
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
