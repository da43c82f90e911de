// What a JSON Web Token (RFC 7519) says of its own end. Its signature is the API server's business.
#pragma once

#include <optional>
#include <string_view>

#include "base/time.h"

namespace kube {

// The time of its claim exp, 1970 without that claim; nullopt for what is no JWT.
std::optional<base::WallTime> jwt_expiry(std::string_view token);

}  // namespace kube
