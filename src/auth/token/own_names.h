// The names that policy rules have for callers of listeners without tokens: "self", "unix:UID",
// "cert:NAME" and "own:cert:NAME". A user that a token names is never called so: rules for one kind
// of listener do not match callers of another.
#pragma once

#include <array>
#include <string_view>

namespace auth::token {

// Before the name of a token's user that would read as one of them, or as another user's name with this.
constexpr std::string_view kTokenUser = "token:";

constexpr bool begins_as_own(std::string_view text) {
  constexpr std::array<std::string_view, 4> kBegins = {"unix:", "cert:", "own:", kTokenUser};
  for (const std::string_view each : kBegins)
    if (text.starts_with(each)) return true;
  return false;
}

constexpr bool is_own_name(std::string_view user) {
  return user == "self" || begins_as_own(user);
}

}  // namespace auth::token
