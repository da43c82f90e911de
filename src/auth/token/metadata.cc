#include "auth/token/metadata.h"

#include <utility>

#include "auth/token/strict_json.h"
#include "base/text.h"
#include "base/url.h"
#include "net/loopback.h"

namespace auth::token {

using base::Errc;
using base::Error;
using base::Result;
using base::json::Value;

namespace {
constexpr std::size_t kUrlBytes = 2048;
constexpr std::size_t kShown = 100;  // of a stranger's URL, in a log line

Result<Value> parsed_metadata(base::json::Document& into, std::string_view document,
                              std::string_view issuer) {
  auto root = parse_strictly(into, document);
  if (!root) return root;
  if (const std::string_view named = (*root)["issuer"].str(); named != issuer) {
    return Error(Errc::invalid_argument,
                 "it is of another issuer, \"" + base::printable(named, kShown) + "\"");
  }
  return root;
}

// Over http only where the issuer itself is.
Result<std::string> url_in(Value root, std::string_view member, const UrlRules& rules) {
  const UrlRules here{.loopback_http =
                          rules.loopback_http && root["issuer"].str().starts_with("http:")};
  const std::string_view text = root[member].str();
  if (auto url = checked_url(text, here); !url) {
    return Error(
        Errc::invalid_argument,
        std::string(member) + " \"" + base::printable(text, kShown) + "\" " + url.error().what());
  }
  return std::string(text);
}

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
  auto root = parsed_metadata(parsed, document, issuer);
  if (!root) return std::move(root).error();
  return url_in(*root, "jwks_uri", rules);
}

Result<TokenEndpoint> token_endpoint_of(std::string_view document, std::string_view issuer,
                                        const UrlRules& rules) {
  base::json::Document parsed;
  auto root = parsed_metadata(parsed, document, issuer);
  if (!root) return std::move(root).error();
  auto url = url_in(*root, "token_endpoint", rules);
  if (!url) return std::move(url).error();
  // RFC 8414 section 2: without this member it is client_secret_basic.
  bool header = false, form = false;
  for (const Value each : (*root)["token_endpoint_auth_methods_supported"].array()) {
    header = header || each.str() == "client_secret_basic";
    form = form || each.str() == "client_secret_post";
  }
  return TokenEndpoint{*std::move(url), form && !header};
}

}  // namespace auth::token
