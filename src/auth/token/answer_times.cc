#include "auth/token/answer_times.h"

#include <algorithm>

#include "base/text.h"

namespace auth::token {

std::optional<base::Duration> max_age(const http::Headers& headers) {
  constexpr std::string_view kName = "max-age=";
  constexpr std::int64_t kMost = 365 * 24 * 3600;  // seconds; far beyond what is used
  if (headers.has_token("Cache-Control", "no-store") ||
      headers.has_token("Cache-Control", "no-cache"))
    return base::Duration::zero();
  for (const http::Header& header : headers.all()) {
    if (!base::iequals(header.name, "Cache-Control")) continue;
    for (std::string_view part : base::split(header.value, ',')) {
      part = base::trim(part);
      if (!base::iequals(part.substr(0, kName.size()), kName)) continue;
      std::string_view digits = part.substr(kName.size());
      if (digits.size() > 1 && digits.front() == '"' && digits.back() == '"')
        digits = digits.substr(1, digits.size() - 2);
      const auto seconds = base::parse_int(digits);
      if (seconds && *seconds >= 0) return base::seconds(std::min(*seconds, kMost));
    }
  }
  return std::nullopt;
}

std::optional<base::Duration> retry_after(int status, const http::Headers& headers) {
  if (status != 429 && status != 503) return std::nullopt;
  const auto value = headers.find("Retry-After");
  const auto seconds = value ? base::parse_int(base::trim(*value)) : std::nullopt;
  if (!seconds || *seconds <= 0) return std::nullopt;
  constexpr std::int64_t kMost = kMostRetryAfter / base::seconds(1);
  return base::seconds(std::min(*seconds, kMost));
}

}  // namespace auth::token
