#include "auth/bearer.h"

#include <algorithm>

#include "auth/token/claims.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/seal.h"
#include "base/text.h"

namespace auth {

constexpr std::string_view kBearer = "bearer ";

std::string_view token_of(std::string_view authorization) {
  if (authorization.size() <= kBearer.size() ||
      !base::iequals(authorization.substr(0, kBearer.size()), kBearer)) {
    return {};
  }
  const std::string_view token = base::trim(authorization.substr(kBearer.size()));
  const bool clean =
      std::all_of(token.begin(), token.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  return clean && token.size() <= kTokenBytes ? token : std::string_view();
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
