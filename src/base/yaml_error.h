// What a reader of an operator's YAML file says of a mistake in it. All are invalid_argument, and
// name the line; what is quoted of the file is printable and short.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace base::yaml {

// "line 3: WHAT".
Error error_at(int line, std::string what);
// The word in quotes.
std::string quoted(std::string_view word);
// "line 3: unknown WHAT "WORD"; did you mean …?", or, if nothing known is near, all that is known.
Error unknown_word(int line, std::string_view what, std::string_view word,
                   const std::vector<std::string_view>& known);

}  // namespace base::yaml
