#include "kube/config/watched_file.h"

#include <algorithm>

#include "base/text.h"

namespace kube::config {

bool is_bearer_token(std::string_view token) {
  return !token.empty() &&
         std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

std::string_view without_trailing_blanks(std::string_view token) {
  return token.substr(0, token.find_last_not_of(" \t") + 1);
}

base::Result<std::string> accept_token(std::string_view content) {
  const std::string_view token = base::trim(content);
  if (token.empty()) return base::Error(base::Errc::invalid_argument, "is empty");
  if (!is_bearer_token(token)) {
    return base::Error(base::Errc::invalid_argument,
                       "holds a space, a control or a non-ASCII character, which a token must not");
  }
  return std::string(token);
}

}  // namespace kube::config
