#include "redact/pairs.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "base/text.h"
#include "redact/mask.h"
#include "redact/values.h"
#include "redact/work.h"

namespace redact {

namespace {

constexpr std::size_t kNameBytes = 64;  // before and after the anchor

constexpr bool is_name(char c) {
  return is_alnum(c) || c == '_' || c == '-' || c == '.';
}

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

// What stands between a name and its value.
struct Separator {
  char mark = 0;          // ':' '=' '>' ' '; 0: none
  bool spaced = false;    // blanks follow it
  std::size_t after = 0;  // the first character of the value or its quote
};

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

Separator separator_at(std::string_view text, const Found& name) {
  Separator out;
  std::size_t i = skip_quote(text, name.end);
  if (at(text, i) == ']') ++i;
  i = skip_blanks(text, i);
  const char c = at(text, i);
  if (c == ':' || c == '=') {
    out.mark = c;
    ++i;
    if (at(text, i) == '=' || at(text, i) == '>') ++i;
    if (c == ':' && text.substr(i).starts_with("//")) return {};  // a scheme
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

// Does a line of YAML begin with the name: nothing but blanks, dashes and a quote before it?
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

// The rest of a line without a comment and blanks at its end.
std::size_t line_value_end(std::string_view text, std::size_t begin) {
  std::size_t next = 0;
  std::size_t end = line_end(text, begin, next);
  if (const std::size_t comment = text.substr(begin, end - begin).find(" #"); comment != text.npos)
    end = begin + comment;
  while (end > begin && (is_blank(text[end - 1]) || is_line_end(text[end - 1])))
    --end;
  return end;
}

// Does the value of a pair end at the backslashes that begin at `i`, and end at `after`?
bool ends_at_escape(std::string_view text, std::size_t i, std::size_t& after) {
  after = skip(text, i, '\\');
  const char c = at(text, after);
  return c == 'n' || c == 'r' || c == 't' || is_quote(c);
}

// "a=x;b=y", "a=x&b=y", "{a:x b:y}", "(a=x)": the end of x. A value that is a secret only if it looks
// random has few marks of other pairs in it: what has more is none.
std::size_t bare_end(std::string_view text, std::size_t begin, Holds holds) {
  constexpr std::size_t kMostMarks = 4;
  std::size_t end = begin, marks = 0, after = 0;
  while (end < text.size() && static_cast<unsigned char>(text[end]) > ' ' && !is_quote(text[end]) &&
         text[end] != '<' && !is_lost_line_end(text, end)) {
    const char c = text[end];
    if (c == ';' || c == '&' || c == ',') {
      std::size_t next = end + 1;
      while (is_name(at(text, next)))
        ++next;
      worked(next - end);
      if (next > end + 1 && (at(text, next) == '=' || at(text, next) == ':')) break;
    }
    if (c == '=' || c == ':' || c == '%' || c == '\\') {
      if (++marks > kMostMarks && !is_strong(holds)) break;
      if (c == '\\' && ends_at_escape(text, end, after)) break;
    }
    end = c == '\\' ? after : end + 1;
  }
  worked(end - begin);
  while (end > begin && (text[end - 1] == ')' || text[end - 1] == ']' || text[end - 1] == '}' ||
                         text[end - 1] == ',' || text[end - 1] == ';' || text[end - 1] == '.')) {
    --end;
  }
  return end;
}

// password: | and the lines below that are indented more than the name.
Found block_at(std::string_view text, std::size_t name, std::size_t mark) {
  std::size_t i = mark + 1;
  while (at(text, i) == '+' || at(text, i) == '-' || is_digit(at(text, i)))
    ++i;
  i = skip_blanks(text, i);
  std::size_t next = 0;
  if (!ends_line(text, i, next) || next >= text.size()) return {};
  std::size_t indent = 0;
  while (indent < name && (text[name - indent - 1] == ' ' || text[name - indent - 1] == '-'))
    ++indent;
  Found out;
  while (next < text.size()) {
    const std::size_t line = next, begin = skip_blanks(text, line);
    const std::size_t end = line_end(text, begin, next);
    if (end == begin) continue;  // an empty line
    if (begin - line <= indent) break;
    if (out.begin == 0) out.begin = begin;
    out.end = end;
  }
  return out;
}

// Is it the X of name: X or key: X?
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

struct Parts {
  Holds holds = Holds::nothing;
  Found name;     // what says so
  Found written;  // the word before the separator: the name, or "value"
  Separator separator;
};

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
  if (asks) worked(kWorkOfName);
  if (asks) out.holds = holds(text.substr(out.name.begin, out.name.end - out.name.begin));
  return out;
}

// A header's value goes to the end of its line, or of the quotes around the header.
Found header_value(std::string_view text, std::size_t begin) {
  std::size_t end = begin;
  const std::string_view rest = text.substr(begin);
  begin += rest.size() - without_scheme(rest).size();
  const bool has_scheme = begin > end;
  end = begin;
  std::size_t after = 0;
  while (end < text.size() && !is_line_end(text[end])) {
    const char c = text[end];
    if (c == ']' || is_quote(c) || (c == '\\' && ends_at_escape(text, end, after))) break;
    if (has_scheme && (is_blank(c) || c == ',')) break;
    end = c == '\\' ? after : end + 1;
  }
  worked(end - begin);
  while (end > begin && is_blank(text[end - 1]))
    --end;
  return {begin, end};
}

// The anchors of a name that shows nothing need no look, nor those of one that goes on for too long.
std::size_t end_of_names(std::string_view text, std::size_t at, const Found& name) {
  if (name.end - at < kNameBytes) return name.end;
  std::size_t end = name.end;
  while (end < text.size() && is_name(text[end]))
    ++end;
  worked(end - name.end);
  return end - kNameBytes;
}

Found value_of(std::string_view text, const Parts& parts) {
  const auto& [holds, name, written, separator] = parts;
  if (separator.mark == 0 || holds == Holds::nothing) return {};
  std::size_t begin = separator.after;
  if (at(text, begin) == '[') begin = skip_blanks(text, begin + 1);
  Found value;
  bool bare = false;
  Place place = Place::quoted;
  if (const Quote quote = quote_at(text, begin); quote.mark != 0) {
    value = {quote.after, content_end(text, quote)};
    if (holds == Holds::header) {
      const std::string_view whole = text.substr(value.begin, value.end - value.begin);
      value.begin = value.end - without_scheme(whole).size();
    }
  } else if (holds == Holds::header) {
    value = header_value(text, begin);
  } else if ((at(text, begin) == '|' || at(text, begin) == '>') && separator.mark == ':') {
    return block_at(text, written.begin, begin);
  } else if (separator.mark == ':' && separator.spaced && begins_line(text, written.begin) &&
             at(text, begin) != '{') {
    value = {begin, line_value_end(text, begin)};
    place = Place::bare;
    // Only a password has blanks in it.
    const bool words = text.substr(begin, value.end - begin).find(' ') != text.npos;
    if (words && (holds != Holds::password || begins_prose(text.substr(begin)))) {
      value.end = bare_end(text, begin, holds);
      bare = true;
      place = Place::prose;
    }
  } else if (at(text, begin) != '{') {
    value = {begin, bare_end(text, begin, holds)};
    bare = true;
    const bool prose = separator.mark == ' ' || (separator.mark == ':' && separator.spaced);
    place = prose && written.begin == name.begin ? Place::prose : Place::bare;
  }
  const std::string_view written_value = text.substr(value.begin, value.end - value.begin);
  if (!value || !is_secret(holds, written_value, place)) return {};
  // "read …/privkey.pem: Permission denied"
  const std::string_view named = text.substr(name.begin, name.end - name.begin);
  const bool is_file = named.ends_with(".pem") || named.ends_with(".key");
  if (is_file && place == Place::prose && !looks_like_token(written_value)) return {};
  if (bare) value.end = bare_end(text, begin, Holds::secret);
  return value;
}

}  // namespace

Found pair_at(std::string_view text, std::size_t at_anchor, std::size_t floor, std::size_t& named) {
  if (at_anchor < named) return {};
  const Parts parts = parts_at(text, at_anchor, floor);
  const Found value = value_of(text, parts);
  if (!value) named = end_of_names(text, at_anchor, parts.name);
  return value;
}

// In JSON: does the name begin a string that has more than it? As a text of its own it begins a line.
static bool begins_string(std::string_view text, const Found& name) {
  if (is_quote(at(text, name.end))) return false;
  std::size_t i = name.begin;
  while (i > 0 && (is_blank(text[i - 1]) || text[i - 1] == '-'))
    --i;
  return i > 0 && is_quote(text[i - 1]);
}

// The string of JSON that a word is in: "DB PASSWORD", of which a name is one word only. Empty if
// it is longer than a name. Words are many in a long text: the quotes are found by the C library,
// which takes 32 bytes at a time.
static Found string_around(std::string_view text, const Found& word) {
  const std::size_t before = std::min(word.begin, kLongestName);
  const char* const at_word = text.data() + word.begin;
  const void* open = ::memrchr(at_word - before, '"', before);
  if (open == nullptr) return {};
  const char* const after_word = text.data() + word.end;
  const void* close = std::memchr(after_word, '"', std::min(text.size() - word.end, kLongestName));
  if (close == nullptr) return {};
  Found out{static_cast<std::size_t>(static_cast<const char*>(open) - text.data()) + 1,
            static_cast<std::size_t>(static_cast<const char*>(close) - text.data())};
  while (out.end > word.end && text[out.end - 1] == '\\')
    --out.end;
  return out;
}

bool may_be_pair(std::string_view text, std::size_t at_anchor, std::size_t& named) {
  if (at_anchor < named) return false;
  const Parts parts = parts_at(text, at_anchor, 0);
  named = end_of_names(text, at_anchor, parts.name);
  const Found whole = string_around(text, parts.name);
  if (whole && (whole.begin != parts.name.begin || whole.end != parts.name.end)) {
    const bool is_member = separator_at(text, whole).mark != 0;
    worked(whole.end - whole.begin);
    const Holds all = is_member || is_named(text, whole)
                          ? holds(text.substr(whole.begin, whole.end - whole.begin))
                          : Holds::nothing;
    if (is_strong(all) || (is_member && all != Holds::nothing)) return true;
  }
  if (parts.holds == Holds::nothing) return false;
  if (parts.separator.mark != 0 && (is_strong(parts.holds) || parts.holds == Holds::header))
    return mask_size(text.substr(parts.separator.after)) == 0;
  if (parts.separator.mark != 0) {
    // A quote in a string may end elsewhere, or nowhere, once the string is decoded.
    const bool in_string = at(text, parts.separator.after) == '\\';
    return in_string || begins_string(text, parts.written) || bool(value_of(text, parts));
  }
  // Its value is another member of the object, or the next element of the list.
  return is_strong(parts.holds) &&
         (is_named(text, parts.name) || at(text, parts.name.begin) == '-');
}

}  // namespace redact
