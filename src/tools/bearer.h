// Bearer tokens, as far as they can be read without asking anybody.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/limits.h"

namespace tools {

// Tokens with every group of a large company's directory have 4 KiB; a head has 16 KiB in all.
constexpr std::size_t kTokenBytes = 8 * base::limits::kKiB;

// The token of "Bearer TOKEN", or "" when the header is something else or the token too long. More
// than RFC 6750's b64token may come: the API server takes any visible ASCII, e.g. from a static
// token file.
std::string_view token_of(std::string_view authorization);

// When a JWT ends by its own words (exp, RFC 7519 section 4.1.4), in whole seconds since 1970;
// nullopt: it is none, or does not say. Nothing is verified: believe it of accepted tokens only.
std::optional<std::int64_t> jwt_end(std::string_view token);

}  // namespace tools
