// One step through text that may not be UTF-8 (Unicode 15, table 3-7); repair_utf8() and the JSON
// writer share it.
#pragma once

#include <cstddef>
#include <string_view>

namespace base {

struct Utf8Step {
  std::size_t length;  // of the character or the maximal invalid sequence, in bytes; at least 1
  bool valid;
};

// Requires: at < s.size().
Utf8Step utf8_step(std::string_view s, std::size_t at);

// Whether this one character makes a terminal do anything but display it: C0, DEL, C1, and the
// characters that reorder the surrounding text (Unicode 15, Bidi_Control).
bool moves_terminal(std::string_view character);

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

}  // namespace base
