// What an answer says about time: how long it holds (RFC 9111 section 5.2.2), and when to ask again
// (RFC 9110 section 10.2.3).
#pragma once

#include <optional>

#include "base/time.h"
#include "http/message.h"

namespace auth::token {

// A longer Retry-After is cut to this: an issuer, or a proxy before it, that asks for a day must not
// lock its users out for one.
constexpr base::Duration kMostRetryAfter = base::minutes(5);

// Cache-Control's max-age; 0 with no-cache or no-store; nullopt: it does not say.
std::optional<base::Duration> max_age(const http::Headers& headers);
// Retry-After of an answer 429 or 503, at most kMostRetryAfter; nullopt: another status, no such
// header, or nothing in it that lies ahead. A date counts from `now`: ours and the issuer's clock agree as far
// as tokens need it.
std::optional<base::Duration> retry_after(int status, const http::Headers& headers,
                                          base::WallTime now);

}  // namespace auth::token
