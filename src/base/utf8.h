// One step through text that claims to be UTF-8 (Unicode 15, table 3-7): shared by repair_utf8 and the JSON writer.
#pragma once

#include <cstddef>
#include <string_view>

namespace base {

struct Utf8Step {
  std::size_t length;  // bytes of the character, or of the maximal invalid sequence; at least 1
  bool valid;
};

// Requires: at < s.size().
Utf8Step utf8_step(std::string_view s, std::size_t at);

// Whether a terminal does something else than to show this one character: C0, DEL, C1, and what reorders the text around it
// (Unicode 15, Bidi_Control).
bool moves_terminal(std::string_view character);

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

}  // namespace base
