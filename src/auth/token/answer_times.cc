#include "auth/token/answer_times.h"

#include <algorithm>

#include "base/text.h"
#include "http/date.h"

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

std::optional<base::Duration> retry_after(int status, const http::Headers& headers,
                                          base::WallTime now) {
  if (status != 429 && status != 503) return std::nullopt;
  const auto value = headers.find("Retry-After");
  if (!value) return std::nullopt;
  const std::string_view text = base::trim(*value);
  if (const auto date = http::parse_date(text)) {
    if (*date <= now) return std::nullopt;
    const base::WallTime most{now.ns + kMostRetryAfter.count()};
    return base::Duration(std::min(*date, most).ns - now.ns);
  }
  const bool number = !text.empty() && std::all_of(text.begin(), text.end(),
                                                   [](char c) { return c >= '0' && c <= '9'; });
  if (!number) return std::nullopt;
  constexpr std::int64_t kMost = kMostRetryAfter / base::seconds(1);
  const std::int64_t seconds =
      base::parse_int(text).value_or(kMost);  // it does not fit: longer than all
  if (seconds == 0) return std::nullopt;
  return base::seconds(std::min(seconds, kMost));
}

}  // namespace auth::token
