// Numbers of a JSON text as they were written: what a 64-bit word or a double cannot hold goes out as it came in. Pure text work, beside the
// parser: json.cc looks here only when a text has decimals or a number that its parser refuses.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace base::json {

// A number that is no whole number of 64 bits. Views into the text scanned.
struct WrittenNumber {
  std::size_t at = 0;     // where in the text
  std::string_view text;  // as JSON spells it
  double value = 0;       // the nearest; infinite when it is beyond every double
  bool whole = false;     // neither point nor exponent
};

// Those of `text`, in its order. Strings are skipped; what is no number by JSON's grammar is passed over, and left to the parser.
std::vector<WrittenNumber> written_numbers(std::string_view text);

// `text` with each of them that a parser of doubles might refuse replaced by one of the same length that it takes.
void tame(char* text, const std::vector<WrittenNumber>& numbers);

}  // namespace base::json
