// Dates in headers (RFC 9110 section 5.6.7).
#pragma once

#include <optional>
#include <string_view>

#include "base/time.h"

namespace http {

// "Sun, 29 Nov 2026 08:12:09 GMT" (IMF-fixdate), the form that all senders use today; nullopt for anything
// else. A time outside WallTime's range is clamped to it.
std::optional<base::WallTime> parse_date(std::string_view text);

}  // namespace http
