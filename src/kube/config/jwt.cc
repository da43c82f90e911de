#include "kube/config/jwt.h"

#include <algorithm>
#include <cstdint>

#include "base/encoding.h"
#include "base/json.h"
#include "base/seal.h"
#include "base/text.h"

namespace kube::config {

std::optional<base::WallTime> jwt_expiry(std::string_view token) {
  const auto parts = base::split(token, '.');
  const auto claims = parts.size() == 3 ? base::parse_base64url(parts[1]) : std::nullopt;
  if (!claims) return std::nullopt;
  base::json::Document doc;
  const auto root = doc.parse(*claims);
  if (!root || !root->is(base::json::Type::object)) return std::nullopt;
  const base::json::Value exp = (*root)["exp"];
  // Beyond these years a double cannot represent each second, nor an int64 the time in nanoseconds.
  constexpr double kLastYear = 9e9;
  const double seconds = exp.as_double().value_or(static_cast<double>(exp.int_or(0)));
  if (!(seconds > 0)) return base::WallTime{};
  return base::WallTime{static_cast<std::int64_t>(std::min(seconds, kLastYear)) * 1000000000};
}

}  // namespace kube::config
