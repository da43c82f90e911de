#include "app/oauth.h"

#include <algorithm>
#include <string>
#include <utility>

#include "app/open_rules.h"
#include "app/setting_values.h"
#include "app/version.h"
#include "auth/oauth_authenticator.h"
#include "base/log.h"
#include "base/text.h"
#include "cluster/policy_gate.h"

namespace app {

using base::Result;

namespace {

// Long enough for clients that come one after another; an operator may switch writes on meanwhile.
constexpr std::string_view kCached = "Cache-Control: max-age=300\r\n";
constexpr std::string_view kAnySite = "Access-Control-Allow-Origin: *\r\n";
constexpr std::string_view kPreflight =
    "Access-Control-Allow-Methods: GET, HEAD\r\nAccess-Control-Allow-Headers: *\r\n"
    "Access-Control-Max-Age: 7200\r\nAllow: GET, HEAD, OPTIONS\r\n";
constexpr std::string_view kPathOfMcp = "/mcp";

bool has_exchange_flags(const OAuthSettings& o) {
  const auth::token::ExchangeSettings& by = o.exchange_by;
  return !by.client_id.empty() || !by.secret_file.empty() || !by.audience.empty();
}

// Each issuer's own settings are in the file; those of the flags are for one that has none.
Result<void> check_exchange(const OAuthSettings& o, const std::vector<auth::IssuerSettings>& all) {
  const auth::token::ExchangeSettings& by = o.exchange_by;
  const bool some = has_exchange_flags(o);
  const auto without = std::count_if(all.begin(), all.end(),
                                     [](const auto& each) { return !each.exchange.has_value(); });
  if (!o.exchange) {
    if (!some && without == static_cast<std::ptrdiff_t>(all.size())) return {};
    return bad(
        "--exchange-client-id, --exchange-secret-file, --exchange-audience and an issuer's exchange "
        "are of use only with --caller-credentials=exchange");
  }
  if (all.empty())
    return bad("--caller-credentials=exchange needs --oauth-issuer or --oauth-issuers-file");
  if (some && (by.client_id.empty() || by.secret_file.empty() || by.audience.empty()))
    return bad(
        "--exchange-client-id, --exchange-secret-file and --exchange-audience need each other");
  if (without == (some ? 1 : 0)) return {};
  return bad(
      "--caller-credentials=exchange needs --exchange-client-id, --exchange-secret-file and "
      "--exchange-audience where there is one issuer, else exchange for each issuer in "
      "--oauth-issuers-file");
}

}  // namespace

bool uses_oauth(const Settings& s) {
  return uses_mode(s, AuthMode::oauth);
}

Result<void> check_oauth(const Settings& s) {
  const OAuthSettings& o = s.oauth;
  if (!uses_oauth(s)) {
    if (o.exchange || has_exchange_flags(o))
      return bad(
          "--caller-credentials=exchange and its flags are of use only with AUTH_MODE=OAUTH");
    if (o.issuers.empty() && o.from_file.empty() && !o.service_accounts && !o.opaque_tokens)
      return {};
    return bad(
        "--oauth-issuer, --oauth-issuers-file, --oauth-service-accounts and --oauth-opaque-tokens "
        "are of use only with AUTH_MODE=OAUTH");
  }
  if (o.public_url.empty()) {
    return bad(
        "AUTH_MODE=OAUTH needs --public-url: the URL by which clients reach the server, e.g. "
        "https://mcp.example.com/mcp; access tokens must be made for it");
  }
  if (o.issuers.empty() && o.from_file.empty() && !o.service_accounts && !o.opaque_tokens) {
    return bad(
        "AUTH_MODE=OAUTH needs --oauth-issuer or --oauth-issuers-file (whose access tokens are "
        "accepted), or --oauth-service-accounts (those of the cluster itself): no token would be "
        "accepted");
  }
  std::vector<auth::IssuerSettings> all = o.issuers;
  all.insert(all.end(), o.from_file.begin(), o.from_file.end());
  if (auto ok = auth::token::check_issuers(all); !ok)
    return bad("--oauth-issuer, --oauth-issuers-file: " + ok.error().what());
  return check_exchange(o, all);
}

std::vector<std::string> OAuth::names_of(const std::vector<auth::IssuerSettings>& issuers) {
  std::vector<std::string> out;
  for (const auth::IssuerSettings& each : issuers)
    out.push_back(each.issuer);
  return out;
}

static OAuthSettings merged(OAuthSettings settings) {
  settings.issuers.insert(settings.issuers.end(), settings.from_file.begin(),
                          settings.from_file.end());
  settings.from_file.clear();
  for (auth::IssuerSettings& each : settings.issuers)
    if (settings.exchange && !each.exchange) each.exchange = settings.exchange_by;
  return settings;
}

OAuth::OAuth(loop::Loop& loop, net::Resolver& resolver, const Settings& settings)
    : settings_(merged(settings.oauth)),
      reviews_(settings.token_reviews),
      metadata_(settings_.public_url, names_of(settings_.issuers)) {
  if (settings_.opaque_tokens) {
    LOG_WARN(
        "opaque tokens are accepted for any audience that the API server does not check: a token "
        "that was made for another service may be used here (--oauth-opaque-tokens)");
  }
  if (settings_.issuers.empty()) return;
  issuers_ = std::make_unique<auth::Issuers>(loop, resolver, settings_.issuers,
                                             auth::IssuersOptions{.audience = settings_.public_url,
                                                                  .skew = settings_.clock_skew,
                                                                  .user_agent = user_agent()});
  if (!settings_.exchange) return;
  exchange_ = std::make_unique<auth::ExchangedTokens>(
      loop, resolver, settings_.issuers,
      auth::ExchangedTokens::Options{.user_agent = user_agent()});
}

OAuth::~OAuth() {
  close();
}

std::unique_ptr<mcp::Authenticator> OAuth::authenticator(cluster::Cluster& cluster) {
  cluster_ = &cluster;
  auth::OAuthRules rules;
  rules.service_accounts = settings_.service_accounts;
  rules.opaque = settings_.opaque_tokens;
  rules.skew = settings_.clock_skew;
  rules.reviews = reviews_;
  rules.exchange = exchange_.get();
  return std::make_unique<auth::OAuthAuthenticator>(cluster, metadata_, issuers_.get(), rules);
}

void OAuth::start() {
  LOG_INFO("access tokens", {"resource", metadata_.resource()},
           {"issuers", base::join(names_of(settings_.issuers), " ")},
           {"service_accounts", settings_.service_accounts ? "accepted" : "refused"},
           {"callers", exchange_ ? "exchanged" : "impersonated"});
  if (issuers_) issuers_->start();
}

void OAuth::close() {
  if (issuers_) issuers_->close();
  if (exchange_) exchange_->close();
}

bool OAuth::serves(std::string_view path) const {
  if (!path.starts_with(auth::kMetadataPath)) return false;
  const std::string_view rest = path.substr(auth::kMetadataPath.size());
  return rest.empty() || rest == kPathOfMcp || path == metadata_.path();
}

void OAuth::send_metadata(const http::Request& request, http::Reply& reply) const {
  std::string headers(kAnySite);
  const bool writes = cluster_ && cluster_->policy && !cluster_->policy->policy().writes_off();
  switch (request.method) {
    case http::Method::get:
    case http::Method::head:
      return reply.send(200, "application/json", metadata_.document(writes),
                        headers.append(kCached));
    case http::Method::options:
      return reply.send(204, {}, {}, headers.append(kPreflight));
    default:
      return reply.send(405, {}, {}, headers.append("Allow: GET, HEAD, OPTIONS\r\n"));
  }
}

std::vector<auth::IssuerStatus> OAuth::issuers() const {
  return issuers_ ? issuers_->status() : std::vector<auth::IssuerStatus>();
}

}  // namespace app
