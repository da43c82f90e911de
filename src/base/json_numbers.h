// Numbers of a JSON text as they were written, so that a number that fits neither a 64-bit integer
// nor a double is written out unchanged. Works on the text alone: json.cc uses it only when a text
// has decimals or a number that simdjson refuses.
#pragma once

#include <cstddef>
#include <string_view>

namespace base::json {

// A number that is not a 64-bit integer. Views the scanned text.
struct WrittenNumber {
  std::size_t at = 0;     // offset in the text
  std::string_view text;  // as written
  bool whole = false;     // has neither a point nor an exponent
};

// Finds such numbers of a text, which must outlive it, in order. Skips strings and anything that is
// not a number by JSON's grammar; the parser reports the latter. Keeps none of them: a text may have
// hundreds of thousands.
class WrittenNumbers {
 public:
  explicit WrittenNumbers(std::string_view text) : text_(text) {}
  // False: there are no more.
  bool next(WrittenNumber& out);

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

// The nearest double; infinite beyond the largest.
double nearest_double(std::string_view text);

// Replaces each of them in `text`, a copy of `original`, that a parser of doubles might refuse with a
// number of the same length that it accepts.
void tame(char* text, std::string_view original);

}  // namespace base::json
