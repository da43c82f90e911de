// AuthMode: how the identity of a caller is found.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace app {

enum class AuthMode : unsigned char { dev_allow_any, oidc_required, oauth, client_cert };

constexpr std::size_t kAuthModes = 4;

std::optional<AuthMode> parse_auth_mode(std::string_view name);
std::string_view to_string(AuthMode mode);
// "A, B or C": what parse_auth_mode() takes.
std::string_view auth_mode_names();

}  // namespace app
