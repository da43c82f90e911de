// Counts the values of a JSON text before it is parsed: a text of 4 MiB may hold two million
// values, whose tree would be ten times the text, with each look-up by name a walk over it.
#pragma once

#include <cstddef>
#include <string_view>

namespace base::json {

// An upper bound, close to the number of elements, member names and values, arrays and objects; for
// a text that is not JSON, of what looks like them. Stops counting at `most` + 1. A text of at most
// `most` bytes costs nothing (its size is returned); a longer one some nanoseconds a byte.
std::size_t count_values(std::string_view text, std::size_t most);

}  // namespace base::json
