#include "auth/bearer.h"

#include <algorithm>

#include "auth/token/claims.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/seal.h"
#include "base/text.h"

namespace auth {

constexpr std::string_view kBearer = "bearer ";

namespace {

// The token, of whatever length.
std::string_view any_token_of(std::string_view authorization) {
  if (authorization.size() <= kBearer.size() ||
      !base::iequals(authorization.substr(0, kBearer.size()), kBearer)) {
    return {};
  }
  const std::string_view token = base::trim(authorization.substr(kBearer.size()));
  const bool clean =
      std::all_of(token.begin(), token.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  return clean ? token : std::string_view();
}

}  // namespace

std::string_view token_of(std::string_view authorization) {
  const std::string_view token = any_token_of(authorization);
  return token.size() <= kTokenBytes ? token : std::string_view();
}

bool is_too_long(std::string_view authorization) {
  return any_token_of(authorization).size() > kTokenBytes;
}

mcp::Refusal too_long() {
  return {431, {}, "the token is longer than " + std::to_string(kTokenBytes) + " bytes"};
}

std::optional<std::int64_t> jwt_end(std::string_view token) {
  const auto parts = base::split(token, '.');
  if (parts.size() != 3) return std::nullopt;
  const auto payload = base::parse_base64url(parts[1]);
  if (!payload) return std::nullopt;
  base::json::Document doc;
  const auto claims = doc.parse(*payload);
  if (!claims) return std::nullopt;
  const std::optional<double> end = (*claims)["exp"].as_double();
  if (!end || !(*end >= 0) || *end > token::kLatestEnd) return std::nullopt;
  return static_cast<std::int64_t>(*end);
}

}  // namespace auth
