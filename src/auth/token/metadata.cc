#include "auth/token/metadata.h"

#include <utility>

#include "auth/token/strict_json.h"
#include "base/url.h"
#include "net/loopback.h"

namespace auth::token {

using base::Errc;
using base::Error;
using base::Result;

namespace {
constexpr std::size_t kUrlBytes = 2048;
constexpr std::size_t kShown = 100;  // of a stranger's URL, in a log line
}  // namespace

Result<base::Url> checked_url(std::string_view text, const UrlRules& rules) {
  const Error wrong(Errc::invalid_argument, "must be an https:// URL without user and fragment");
  if (text.size() > kUrlBytes) return wrong;
  auto url = base::parse_url(text);
  if (!url || url->has_userinfo) return wrong;
  const bool local = rules.loopback_http && url->scheme == "http" && net::is_loopback(url->host);
  if (url->scheme != "https" && !local) return wrong;
  return url;
}

std::vector<std::string> metadata_urls(std::string_view issuer) {
  while (issuer.ends_with('/'))
    issuer.remove_suffix(1);
  const std::size_t path = issuer.find('/', issuer.find("://") + 3);
  const std::string_view site = issuer.substr(0, path);
  const std::string_view rest = path == issuer.npos ? std::string_view() : issuer.substr(path);
  return {std::string(issuer) + "/.well-known/openid-configuration",
          std::string(site) + "/.well-known/oauth-authorization-server" + std::string(rest)};
}

Result<std::string> jwks_uri_of(std::string_view document, std::string_view issuer,
                                const UrlRules& rules) {
  base::json::Document parsed;
  auto root = parse_strictly(parsed, document);
  if (!root) return std::move(root).error();
  const std::string_view named = (*root)["issuer"].str(), uri = (*root)["jwks_uri"].str();
  if (named != issuer) {
    return Error(Errc::invalid_argument,
                 "it is of another issuer, \"" + base::printable(named, kShown) + "\"");
  }
  const UrlRules here{.loopback_http = rules.loopback_http && issuer.starts_with("http:")};
  if (auto url = checked_url(uri, here); !url) {
    return Error(Errc::invalid_argument,
                 "jwks_uri \"" + base::printable(uri, kShown) + "\" " + url.error().what());
  }
  return std::string(uri);
}

}  // namespace auth::token
