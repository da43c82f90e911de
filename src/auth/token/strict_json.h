// Reads JSON of which two readers must not understand two things: tokens, keys, metadata. RFC 7515
// section 4 and RFC 7519 section 4 want member names to be unique.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/error.h"
#include "base/json.h"

namespace auth::token {

// A payload with nested roles has four levels, a key set three.
constexpr int kJsonDepth = 8;
// A key set of 64 keys with certificates has a thousand.
constexpr std::size_t kJsonValues = 8192;

// Parses `text` into `document`, whose root is returned: an object, nested kJsonDepth levels at
// most, in which no object has two members of one name (escapes decoded). Errc::invalid_argument
// otherwise; the text says what is wrong and quotes nothing.
base::Result<base::json::Value> parse_strictly(base::json::Document& document,
                                               std::string_view text);

}  // namespace auth::token
