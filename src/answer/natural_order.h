// The order of texts in which numbers count as numbers: "c9" comes before "c10".
#pragma once

#include <string_view>

namespace answer {

// Below zero, zero or above: runs of digits compare as numbers, everything else byte by byte.
int natural_order(std::string_view a, std::string_view b);

}  // namespace answer
