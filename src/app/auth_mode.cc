#include "app/auth_mode.h"

#include <utility>

namespace app {

constexpr std::pair<std::string_view, AuthMode> kModes[] = {
    {"DEV_ALLOW_ANY", AuthMode::dev_allow_any},
    {"OIDC_REQUIRED", AuthMode::oidc_required},
    {"OAUTH", AuthMode::oauth},
    {"CLIENT_CERT", AuthMode::client_cert},
};

std::optional<AuthMode> parse_auth_mode(std::string_view name) {
  for (const auto& [text, mode] : kModes) {
    if (text == name) return mode;
  }
  return std::nullopt;
}

std::string_view to_string(AuthMode mode) {
  for (const auto& [text, each] : kModes) {
    if (each == mode) return text;
  }
  return {};
}

std::string_view auth_mode_names() {
  return "DEV_ALLOW_ANY, OIDC_REQUIRED, OAUTH or CLIENT_CERT";
}

}  // namespace app
