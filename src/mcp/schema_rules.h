// What the check of arguments (schema.cc) and the JSON Schema shown for them (schema_json.cc)
// share.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

#include "mcp/schema.h"

namespace mcp {

constexpr auto kNoMinimum = std::numeric_limits<std::int64_t>::min();
constexpr auto kNoMaximum = std::numeric_limits<std::int64_t>::max();

// For people; "" of any.
std::string_view form_text(Field::Form form);

}  // namespace mcp
