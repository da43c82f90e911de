// The expiry of a JSON Web Token (RFC 7519). The signature is not verified; the API server does
// that.
#pragma once

#include <optional>
#include <string_view>

#include "base/time.h"

namespace kube::config {

// The time of its exp claim; 1970 without that claim; nullopt when `token` is not a JWT.
std::optional<base::WallTime> jwt_expiry(std::string_view token);

}  // namespace kube::config
