// How long an answer says that it holds (RFC 9111 section 5.2.2).
#pragma once

#include <optional>

#include "base/time.h"
#include "http/message.h"

namespace auth::token {

// Cache-Control's max-age; 0 with no-cache or no-store; nullopt: it does not say.
std::optional<base::Duration> max_age(const http::Headers& headers);

}  // namespace auth::token
