// Bearer tokens: what can be read from one without asking the API server.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/limits.h"
#include "mcp/caller.h"

namespace auth {

// Longest token accepted. Entra ID lists up to 200 groups in one, which has 11 KiB then; a request head
// may have 16 KiB in all, of which clients need 1 KiB for the rest.
constexpr std::size_t kTokenBytes = 14 * base::limits::kKiB;

// The token of "Bearer TOKEN", a view into `authorization`; "" when the header has another form or
// the token is too long. Accepts more than RFC 6750's b64token: the API server takes any visible
// ASCII, e.g. from a static token file.
std::string_view token_of(std::string_view authorization);

// Whether it is a token that token_of() does not return for its length; and what its sender is told: 431,
// since logging in again would not help.
bool is_too_long(std::string_view authorization);
mcp::Refusal too_long();

// A JWT's exp claim (RFC 7519 section 4.1.4), in whole seconds since 1970; nullopt when `token` is
// not a JWT or has no usable exp. Nothing is verified: use it for accepted tokens only.
std::optional<std::int64_t> jwt_end(std::string_view token);

}  // namespace auth
