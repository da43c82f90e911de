// Bearer tokens: what can be read from one without asking the API server.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/limits.h"

namespace auth {

// Longest token accepted. A token that lists every group of a large company's directory has 4 KiB;
// a request head may have 16 KiB in all.
constexpr std::size_t kTokenBytes = 8 * base::limits::kKiB;

// The token of "Bearer TOKEN", a view into `authorization`; "" when the header has another form or
// the token is too long. Accepts more than RFC 6750's b64token: the API server takes any visible
// ASCII, e.g. from a static token file.
std::string_view token_of(std::string_view authorization);

// A JWT's exp claim (RFC 7519 section 4.1.4), in whole seconds since 1970; nullopt when `token` is
// not a JWT or has no usable exp. Nothing is verified: use it for accepted tokens only.
std::optional<std::int64_t> jwt_end(std::string_view token);

}  // namespace auth
