// The parsers of the OAUTH flags' values (setting_values.h).
#include <string>
#include <utility>

#include "app/setting_values.h"
#include "auth/resource_metadata.h"
#include "base/file.h"
#include "base/text.h"

namespace app {

using base::Result;

Result<void> set_public_url(Settings& s, std::string_view value) {
  if (auto ok = auth::check_public_url(value); !ok) return ok;
  s.oauth.public_url = value;
  return {};
}

Result<void> set_oauth_issuer(Settings& s, std::string_view value) {
  for (const std::string_view each : base::split(base::trim(value), ' ')) {
    auto issuer = auth::token::parse_issuer_url(each);
    if (!issuer) return std::move(issuer).error();
    s.oauth.issuers.push_back(*std::move(issuer));
  }
  return {};
}

Result<void> set_oauth_issuers_file(Settings& s, std::string_view file) {
  auto text = base::read_regular_file(std::string(file), auth::token::kIssuersFileBytes);
  if (!text) return bad("must be a file that can be read (" + text.error().what() + ")");
  auto issuers = auth::token::parse_issuers(*text);
  if (!issuers) return bad("must hold issuers (" + issuers.error().what() + ")");
  s.oauth.from_file = *std::move(issuers);
  return {};
}

Result<void> set_clock_skew(Settings& s, std::string_view value) {
  return set_duration(s.oauth.clock_skew, value, base::Duration::zero(), auth::kMostClockSkew);
}

Result<void> set_caller_credentials(Settings& s, std::string_view value) {
  if (value != "impersonate" && value != "exchange") return bad("must be impersonate or exchange");
  s.oauth.exchange = value == "exchange";
  return {};
}

Result<void> set_exchange_text(std::string& text, std::string_view value) {
  const std::size_t most = auth::token::kSettingBytes;
  if (value.empty() || value.size() > most || base::printable(value, most) != value)
    return bad("must be a text of at most " + std::to_string(most) + " characters");
  text = value;
  return {};
}

}  // namespace app
