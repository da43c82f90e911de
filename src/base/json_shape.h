// How many values a JSON text holds, told before it is parsed: a text of 4 MiB may be two million
// values. Their tree would be ten times the text, and each look-up by name a walk over it.
#pragma once

#include <cstddef>
#include <string_view>

namespace base::json {

// Elements, members' names and their values, arrays and objects, or a few more; of a text that is
// no JSON, what looks like them. Greater than `most` when there are more: it stops counting there.
// Costs some nanoseconds a byte until then, and nothing for a text of `most` bytes.
std::size_t count_values(std::string_view text, std::size_t most);

}  // namespace base::json
