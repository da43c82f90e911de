// The parts of a pair in a text: a name, what stands between it and its value, and where that begins.
#pragma once

#include <cstddef>
#include <string_view>

#include "redact/chars.h"
#include "redact/key_words.h"

namespace redact {

constexpr bool is_name(char c) {
  return is_alnum(c) || c == '_' || c == '-' || c == '.';
}

// What stands between a name and its value.
struct Separator {
  char mark = 0;          // ':' '=' '>' ' ' ',' '|'; 0: none
  bool spaced = false;    // blanks follow it
  bool bare = false;      // what follows is a value, where in a sentence a word might
  std::size_t after = 0;  // the first character of the value or its quote
};

struct Parts {
  Holds holds = Holds::nothing;
  Found name;     // what says so
  Found written;  // the word before the separator: the name, or "value"
  Separator separator;
  Found map;  // the name of the map that says what its members `key` and `keys` are
};

// Those of the name in which text[at] is. Nothing before `floor` is looked at.
Parts parts_at(std::string_view text, std::size_t at, std::size_t floor);
Separator separator_at(std::string_view text, const Found& name);
// Is it the X of name: X or key: X?
bool is_named(std::string_view text, const Found& name);
// Does a line of YAML begin with the name: nothing but blanks, dashes and a quote before it?
bool begins_line(std::string_view text, std::size_t i);
// In JSON: does the name begin a string that has more than it? As a text of its own it begins a line.
bool begins_string(std::string_view text, const Found& name);
// The bytes of the quote that is at `i` as HTML or a URL writes it: &quot; %22. 0: none is.
std::size_t encoded_quote(std::string_view text, std::size_t i);
// The anchors of a name that shows nothing need no look, nor those of one that goes on for too long.
std::size_t end_of_names(std::string_view text, std::size_t at, const Found& name);

}  // namespace redact
