#include "base/yaml_write.h"

#include <algorithm>
#include <string_view>

#include "base/encoding.h"
#include "base/text.h"
#include "base/utf8.h"

namespace base::yaml {

using json::Type;
using json::Value;

namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Words that YAML 1.1 or 1.2 reads as null or as a boolean.
bool is_word(std::string_view s) {
  static constexpr std::string_view kWords[] = {"y",  "n",   "yes",  "no",   "true", "false",
                                                "on", "off", "null", ".inf", ".nan"};
  if (s.size() > 5) return false;
  const std::string lower = to_lower(s);
  return std::find(std::begin(kWords), std::end(kWords), lower) != std::end(kWords);
}

// Three numbers and more joined by dots ("1.0.43-rc1") are no number in any YAML; others that begin
// with a digit could be numbers, times or dates.
bool is_version(std::string_view s) {
  return std::count(s.begin(), s.end(), '.') >= 2 && std::all_of(s.begin(), s.end(), [](char c) {
           return is_letter(c) || is_digit(c) || c == '.' || c == '-';
         });
}

bool is_plain(std::string_view s) {
  if (s.empty() || s.back() == ' ' || s.back() == ':' || is_word(s)) return false;
  const char first = s.front();
  if (is_digit(first) ? !is_version(s) : !(is_letter(first) || first == '/' || first == '_'))
    return false;
  for (std::size_t i = 0; i < s.size(); ++i) {
    const auto c = static_cast<unsigned char>(s[i]);
    // Beyond ASCII some characters end a line or may not be printed.
    if (c < 0x20 || c >= 0x7f) return false;
    if (c == ':' && s[i + 1] == ' ') return false;
    if (c == '#' && s[i - 1] == ' ') return false;
  }
  return true;
}

// A literal block keeps text of several printable lines exactly, if the first one does not begin
// with a space (which would set the indentation) and no carriage return or tab is in it.
bool is_block(std::string_view s) {
  if (s.find('\n') == s.npos || s.front() == ' ' || s.front() == '\n') return false;
  return std::none_of(s.begin(), s.end(), [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return (u < 0x20 && c != '\n') || u >= 0x7f;
  });
}

void append_block(std::string& out, std::string_view s, std::size_t indent) {
  const bool ends = s.back() == '\n';
  if (ends) s.remove_suffix(1);
  // Blank lines at the end need "keep", which would also keep what follows the block.
  out += ends ? "|" : "|-";
  for (const std::string_view line : split(s, '\n')) {
    out += '\n';
    if (!line.empty()) out.append(indent, ' ').append(line);
  }
}

// As a JSON string, with escapes also for what JSON allows in a string but YAML reads as a line's
// end, drops or refuses: DEL, U+0080 to U+009F, U+2028, U+2029, U+FEFF.
void append_quoted(std::string& out, std::string_view s) {
  std::string json;
  json::append_string(json, s);
  for (std::size_t i = 0; i < json.size();) {
    const std::string_view rest = std::string_view(json).substr(i, utf8_step(json, i).length);
    i += rest.size();
    if (rest == "\x7f") {
      out += "\\u007f";
    } else if (rest.size() == 2 && rest[0] == '\xc2' &&
               static_cast<unsigned char>(rest[1]) < 0xa0) {
      out.append("\\u00").append(hex(rest.substr(1)));
    } else if (rest == "\xe2\x80\xa8" || rest == "\xe2\x80\xa9") {
      out += rest[2] == '\xa8' ? "\\u2028" : "\\u2029";
    } else if (rest == "\xef\xbb\xbf") {
      out += "\\ufeff";
    } else {
      out += rest;
    }
  }
}

void append_scalar(std::string& out, Value value, std::size_t indent) {
  if (!value.is(Type::string)) {
    out += value.to_json();
    return;
  }
  const std::string_view s = value.str();
  if (is_plain(s)) {
    out += s;
  } else if (is_block(s) && !s.ends_with("\n\n")) {
    append_block(out, s, indent);
  } else {
    append_quoted(out, s);
  }
}

void append_key(std::string& out, std::string_view key) {
  if (is_plain(key)) {
    out += key;
  } else {
    append_quoted(out, key);
  }
  out += ':';
}

bool is_empty(Value value) {
  return (value.is(Type::object) || value.is(Type::array)) && value.size() == 0;
}
bool is_collection(Value value) {
  return (value.is(Type::object) || value.is(Type::array)) && value.size() > 0;
}

void append_lines(std::string& out, Value value, std::size_t indent, bool first_indented);

// What follows "key:" or "- ".
void append_inline(std::string& out, Value value, std::size_t indent) {
  if (is_empty(value)) {
    out += value.is(Type::object) ? "{}" : "[]";
  } else {
    append_scalar(out, value, indent);
  }
  out += '\n';
}

void append_members(std::string& out, Value object, std::size_t indent, bool first_indented) {
  bool first = first_indented;
  for (const auto& [key, value] : object.object()) {
    if (!first) out.append(indent, ' ');
    first = false;
    append_key(out, key);
    if (is_collection(value)) {
      out += '\n';
      append_lines(out, value, value.is(Type::object) ? indent + 2 : indent, false);
    } else {
      out += ' ';
      append_inline(out, value, indent + 2);
    }
  }
}

// `first_indented`: the first line's indentation has been written, as after "- ".
void append_lines(std::string& out, Value value, std::size_t indent, bool first_indented) {
  if (value.is(Type::object)) return append_members(out, value, indent, first_indented);
  bool first = first_indented;
  for (const Value item : value.array()) {
    if (!first) out.append(indent, ' ');
    first = false;
    out += "- ";
    if (is_collection(item)) {
      append_lines(out, item, indent + 2, true);
    } else {
      append_inline(out, item, indent + 2);
    }
  }
}

}  // namespace

void append_yaml(std::string& out, Value value, std::size_t indent) {
  if (is_collection(value)) return append_lines(out, value, indent, false);
  out.append(indent, ' ');
  append_inline(out, value, indent + 2);
}

}  // namespace base::yaml
