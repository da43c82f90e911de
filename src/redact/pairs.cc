#include "redact/pairs.h"

#include <algorithm>
#include <cstring>

#include "redact/fragment.h"
#include "redact/mask.h"
#include "redact/nested.h"
#include "redact/pair_parts.h"
#include "redact/values.h"
#include "redact/work.h"

namespace redact {

namespace {

// What the operating system, or Go, says of a file that cannot be read.
bool begins_trouble(std::string_view text) {
  constexpr std::string_view kTroubles[] = {
      "Permission denied", "permission denied", "No such file",    "no such file", "Is a directory",
      "is a directory",    "Not a directory",   "not a directory", "no PEM"};
  return std::any_of(std::begin(kTroubles), std::end(kTroubles),
                     [text](std::string_view each) { return text.starts_with(each); });
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

// Does text[end] follow on a name of a secret, not before `begin`, and its '='?
bool is_of_secret(std::string_view text, std::size_t begin, std::size_t end) {
  if (end == begin || text[end - 1] != '=') return false;
  std::size_t from = end - 1;
  while (from > begin && end - from < kLongestName && is_name(text[from - 1]))
    --from;
  worked(end - from + kWorkOfName);
  return is_strong(holds(text.substr(from, end - 1 - from)));
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
    // Cookie: a=b; PASSWORD='x'
    if (const Quote quote = quote_at(text, end);
        quote.mark != 0 && is_of_secret(text, begin, end)) {
      end = content_end(text, quote);
      continue;
    }
    if (c == ']' || is_quote(c) || (c == '\\' && ends_at_escape(text, end, after))) break;
    if (has_scheme && (is_blank(c) || c == ',')) break;
    end = c == '\\' ? after : end + 1;
  }
  worked(end - begin);
  while (end > begin && is_blank(text[end - 1]))
    --end;
  return {begin, end};
}

// Where the value of a pair begins, if it is on the line below: a string of JSON, "password": "x", or
// what goes on behind a backslash. Else `begin`.
std::size_t on_next_line(std::string_view text, const Parts& parts, std::size_t begin) {
  std::size_t next = 0;
  if (at(text, begin) == '\\' && is_line_end(at(text, begin + 1))) {
    ends_line(text, begin + 1, next);
    return next > begin ? skip_blanks(text, next) : begin;
  }
  if (parts.separator.mark != ':' || at(text, parts.written.end) != '"') return begin;
  if (!is_line_end(at(text, begin)) || !ends_line(text, begin, next)) return begin;
  next = skip_blanks(text, next);
  return at(text, next) == '"' ? next : begin;
}

// """x""" of TOML, <![CDATA[x]]> of XML.
Found between_marks(std::string_view text, std::size_t begin) {
  constexpr std::size_t kMost = 16 * 1024;
  constexpr std::string_view kMarks[][2] = {{"\"\"\"", "\"\"\""}, {"<![CDATA[", "]]>"}};
  for (const auto& [open, close] : kMarks) {
    if (text.substr(begin, open.size()) != open) continue;
    begin += open.size();
    std::size_t next = 0;
    if (ends_line(text, begin, next)) begin = next;
    const std::size_t size = text.substr(begin, kMost).find(close);
    worked(std::min(size, kMost));
    return size == text.npos ? Found{} : Found{begin, begin + size};
  }
  return {};
}

constexpr std::size_t kMostEncoded = 4096;  // bytes of a value between &quot; and &quot;

Found value_of(std::string_view text, const Parts& parts) {
  const auto& [holds, name, written, separator, map] = parts;
  if (separator.mark == 0 || holds == Holds::nothing) return {};
  std::size_t begin = separator.after;
  if (at(text, begin) == '[') begin = skip_blanks(text, begin + 1);
  Found value;
  bool bare = false;
  Place place = Place::quoted;
  if (separator.mark == ':' || separator.mark == '=') begin = on_next_line(text, parts, begin);
  if (const Found marked = between_marks(text, begin)) {
    value = marked;
  } else if (const Quote quote = quote_at(text, begin); quote.mark != 0) {
    value = {quote.after, content_end(text, quote)};
  } else if (const std::size_t size = encoded_quote(text, begin); size != 0) {
    const std::string_view rest = text.substr(begin + size, kMostEncoded);
    value = {begin + size,
             begin + size + std::min(rest.find(text.substr(begin, size)), rest.size())};
    worked(value.end - value.begin);
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
    const bool is_word = prose && !separator.bare && written.begin == name.begin;
    place = is_word ? Place::prose : Place::bare;
  }
  const std::string_view written_value = text.substr(value.begin, value.end - value.begin);
  const std::string_view word = text.substr(name.begin, name.end - name.begin);
  // --token 123
  const bool is_flag_of_digits = holds == Holds::token && word.starts_with('-') &&
                                 !word.ends_with('s') && is_digits(written_value);
  if (!value || (!is_flag_of_digits && !is_secret(holds, written_value, place))) return {};
  // "read …/privkey.pem: Permission denied"; a logger's jwt.secret.key is no file.
  const bool named = word.ends_with(".pem") || word.ends_with(".key");
  const bool is_file = named && ((name.begin > 0 && text[name.begin - 1] == '/') ||
                                 begins_trouble(text.substr(begin)));
  if (is_file && place == Place::prose && !looks_like_token(written_value)) return {};
  if (bare) value.end = bare_end(text, begin, Holds::secret);
  const std::string_view secret =
      secret_part(holds, text.substr(value.begin, value.end - value.begin));
  const auto from = static_cast<std::size_t>(secret.data() - text.data());
  return secret.empty() ? Found{} : Found{from, from + secret.size()};
}

// Is the name, in JSON, a member's or a whole string, and no part of one?
bool is_member(std::string_view text, const Found& name) {
  return name.begin > 0 && text[name.begin - 1] == '"' && at(text, name.end) == '"';
}

// What is in the map, the list or the lines below that are the value. False: the value is another.
// `quick`: for may_be_pair(); then `out` has a part if anything may be a secret.
bool structured(std::string_view text, const Parts& parts, std::size_t floor, bool quick,
                std::vector<Found>& out) {
  const auto& [holds, name, written, separator, map] = parts;
  if (separator.mark != ':' && separator.mark != '=') return false;
  const std::size_t begin = separator.after;
  const char c = at(text, begin);
  std::size_t next = 0;
  Fragment fragment(text);
  const bool opens = c == '{' || c == '[';
  const bool is_below =
      separator.mark == ':' && (c == '#' || c == '&' || c == '!' || ends_line(text, begin, next));
  if (!opens && !is_below) return false;
  Around around;
  around.holds = holds;
  const std::string_view word = text.substr(name.begin, name.end - name.begin);
  if (written.begin == name.begin) around = around_named(word);
  if (around.holds == Holds::nothing) return true;
  // In a string of JSON the text is otherwise than it is once decoded.
  if (quick && !(opens && is_member(text, name))) return out.push_back({begin, begin + 1}), true;
  if (opens) {
    fragment.read_flow(begin);
    if (fragment.is_cut() && quick) return out.push_back({begin, begin + 1}), true;
  } else {
    const bool property = c == '&' || c == '!';
    const bool begins = begins_line(text, written.begin) || begins_string(text, written);
    if (property ? !separator.spaced : !begins && !is_strong(around.holds)) return false;
    std::size_t column = 0;
    while (column < written.begin && (is_blank(text[written.begin - column - 1]) ||
                                      text[written.begin - column - 1] == '-')) {
      ++column;
    }
    if (!fragment.read_value(begin, begins ? column : 0)) return false;
    // Behind other words, as in a message, a sentence may follow.
    const Node& value = fragment.nodes().front();
    const std::string_view words = text.substr(value.at.begin, value.at.end - value.at.begin);
    if (!begins && !property && words.find(' ') != words.npos) return false;
  }
  secrets_of(fragment, around, floor, quick, out);
  return !out.empty() || !fragment.is_cut();
}

// The map of which the name is a value, and the secret another: {name: DB_PASSWORD, value: x}; or
// whose name says what its key is: encryption: {key: x}.
bool in_map(std::string_view text, const Parts& parts, std::size_t floor, bool quick,
            std::vector<Found>& out) {
  if (!parts.map && (!is_strong(parts.holds) || !is_named(text, parts.name))) return false;
  Fragment fragment(text);
  const bool read = fragment.read_around(parts.name.begin, floor);
  if (!read || fragment.is_cut()) return false;
  Around around;
  around.name = text.substr(parts.map.begin, parts.map.end - parts.map.begin);
  secrets_of(fragment, around, floor, quick, out);
  return !out.empty() || parts.map;
}

}  // namespace

void find_pair(std::string_view text, std::size_t at_anchor, std::size_t floor, std::size_t& named,
               std::vector<Found>& out) {
  if (at_anchor < named) return;
  const Parts parts = parts_at(text, at_anchor, floor);
  if (in_map(text, parts, floor, false, out) || structured(text, parts, floor, false, out)) {
    if (out.empty()) named = end_of_names(text, at_anchor, parts.name);
    return;
  }
  const Found value = value_of(text, parts);
  if (value) out.push_back(value);
  if (!value) named = end_of_names(text, at_anchor, parts.name);
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
    const std::string_view name = text.substr(whole.begin, whole.end - whole.begin);
    const Holds all = is_member || is_named(text, whole) ? holds(name) : Holds::nothing;
    if (is_strong(all) || (is_member && holds_within(name) != Holds::nothing)) return true;
  }
  std::vector<Found> found;
  if (parts.map)
    return !is_member(text, parts.name) || !in_map(text, parts, 0, true, found) || !found.empty();
  if (structured(text, parts, 0, true, found)) return !found.empty();
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
