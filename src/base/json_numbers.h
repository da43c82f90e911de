// Numbers of a JSON text as they were written, so that a number that fits neither a 64-bit integer
// nor a double is written out unchanged. Works on the text alone: json.cc uses it only when a text
// has decimals or a number that simdjson refuses.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace base::json {

// A number that is not a 64-bit integer. Views the scanned text.
struct WrittenNumber {
  std::size_t at = 0;     // offset in the text
  std::string_view text;  // as written
  double value = 0;       // the nearest double; infinite beyond the largest
  bool whole = false;     // has neither a point nor an exponent
};

// Such numbers of `text`, in order. Skips strings and anything that is not a number by JSON's
// grammar; the parser reports the latter.
std::vector<WrittenNumber> written_numbers(std::string_view text);

// Replaces each of them that a parser of doubles might refuse with a number of the same length that
// it accepts.
void tame(char* text, const std::vector<WrittenNumber>& numbers);

}  // namespace base::json
