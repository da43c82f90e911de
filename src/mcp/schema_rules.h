// Shared by the check of arguments (schema.cc) and the JSON Schema shown for them (schema_json.cc).
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

#include "mcp/schema.h"

namespace mcp {

constexpr auto kNoMinimum = std::numeric_limits<std::int64_t>::min();
constexpr auto kNoMaximum = std::numeric_limits<std::int64_t>::max();

// Describes the form for people; "" for any.
std::string_view form_text(Field::Form form);

}  // namespace mcp
