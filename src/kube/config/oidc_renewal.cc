#include "kube/config/oidc_renewal.h"

#include <utility>

#include "base/check.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/text.h"
#include "base/url.h"
#include "kube/config/jwt.h"
#include "kube/config/proxy.h"
#include "kube/config/watched_file.h"
#include "net/loopback.h"

namespace kube::config {
namespace {

constexpr std::string_view kWellKnown = "/.well-known/openid-configuration";

// "https://host/path" without a query, which may hold anything.
std::string shown(const std::string& url) {
  return base::printable(url.substr(0, url.find('?')), kOidcWords);
}

http::ClientRequest request_of(std::string method) {
  http::ClientRequest request;
  request.method = std::move(method);
  request.headers = {{"Accept", "application/json"}, {"User-Agent", "k0rdent-mcp"}};
  request.head_time = request.total_time = kOidcCallTime;
  return request;
}

}  // namespace

OidcRenewal::OidcRenewal(loop::Loop& loop, net::Resolver& resolver, const LoadOptions& options,
                         Fn fn)
    : loop_(loop),
      resolver_(resolver),
      options_(options),
      fn_(fn),
      refused_(loop, "oidc refused", loop::Deferred::Fn::bind<&OidcRenewal::on_refused>(this)) {}

OidcRenewal::~OidcRenewal() = default;

void OidcRenewal::start(const OidcConfig& config) {
  CHECK(!running());
  config_ = config;
  std::string issuer = config_.issuer;
  if (issuer.ends_with('/')) issuer.pop_back();
  ask(State::discovering, issuer.append(kWellKnown), request_of("GET"));
}

// ---- asking ------------------------------------------------------------------------------------

base::Result<OidcRenewal::Site*> OidcRenewal::site_of(const base::Url& url) {
  const bool tls = url.scheme == "https";
  if (!tls && (url.scheme != "http" || !net::is_loopback(url.host)))
    return base::Error(base::Errc::invalid_argument, "must begin with https://");
  const int usual = tls ? 443 : 80, port = url.port != 0 ? url.port : usual;
  const std::string authority = url.scheme + "://" + base::join_host_port(url.host, port);
  Site& site =
      issuer_.authority.empty() || issuer_.authority == authority || state_ == State::discovering
          ? issuer_
          : tokens_;
  if (site.authority == authority) return &site;
  Config config;
  config.cluster.tls = tls;
  config.cluster.host = url.host;
  config.cluster.port = port;
  config.cluster.ca_file = config_.ca_file;
  config.cluster.ca_pem = config_.ca_pem;
  if (auto ok = use_environment_proxy(config.cluster, options_); !ok) return std::move(ok).error();
  auto transport = Transport::create(loop_, resolver_, config);
  if (!transport) return std::move(transport).error();
  loop_.retire(std::move(site.call));
  site.use.reset();
  loop_.retire(std::move(site.transport));
  site.authority = authority;
  site.transport = *std::move(transport);
  return &site;
}

void OidcRenewal::ask(State next, const std::string& url, http::ClientRequest request) {
  state_ = next;
  url_ = url;
  status_ = 0;
  body_.clear();
  overflow_ = false;
  auto parsed = base::parse_url(url);
  auto site = parsed ? site_of(*parsed) : base::Result<Site*>(parsed.error());
  if (!site) {
    refusal_ = std::move(site).error().within(shown(url));
    return refused_.schedule();
  }
  request.target = parsed->path.empty() ? "/" : parsed->path;
  if (!parsed->query.empty()) request.target.append("?").append(parsed->query);
  Site& to = **site;
  loop_.retire(std::move(to.call));  // its end may be on the stack
  to.transport->check_files(false);
  to.use = to.transport->use(Transport::Kind::ours);
  to.call = std::make_unique<http::ClientCall>(to.use.pool(), *this);
  to.call->start(std::move(request));
}

void OidcRenewal::refresh() {
  http::ClientRequest request = request_of("POST");
  request.idempotent = false;  // the refresh token may be good for one use
  request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  request.body =
      "grant_type=refresh_token&refresh_token=" + base::percent_encode(config_.refresh_token);
  const std::string id = base::percent_encode(config_.client_id),
                    secret = base::percent_encode(config_.client_secret);
  if (style_ == Style::body) {
    request.body += "&client_id=" + id;
    if (!secret.empty()) request.body += "&client_secret=" + secret;
  } else {
    request.headers.emplace_back("Authorization", "Basic " + base::base64(id + ":" + secret));
  }
  ask(State::refreshing, endpoint_, std::move(request));
}

// ---- answers -----------------------------------------------------------------------------------

void OidcRenewal::on_head(const http::ResponseHead& head) {
  status_ = head.status;
}

void OidcRenewal::on_body(std::string_view bytes) {
  overflow_ = overflow_ || body_.size() + bytes.size() > kOidcAnswerBytes;
  if (!overflow_) body_.append(bytes);
}

void OidcRenewal::on_end(const http::CallEnd& end) {
  if (!end.ok()) return finish(base::Error(*end.error).within(shown(url_)));
  if (overflow_) {
    return finish(
        base::Error(base::Errc::too_large, "the answer is too large").within(shown(url_)));
  }
  if (state_ == State::discovering) return on_discovered();
  on_tokens();
}

// What an answer that is no success says (RFC 6749, 5.2).
base::Error OidcRenewal::refusal(const std::string& url) const {
  base::json::Document doc;
  const auto root = doc.parse(body_);
  const std::string error(root ? (*root)["error"].str() : "");
  std::string text = "HTTP " + std::to_string(status_);
  if (!error.empty()) text += ": " + base::printable(error, kOidcWords);
  if (const auto words = root ? (*root)["error_description"].str() : ""; !words.empty())
    text += " (" + base::printable(words, kOidcWords) + ")";
  const bool refused = error == "invalid_grant" || status_ == 401;
  return base::Error(refused ? base::Errc::unauthorized : base::Errc::unavailable, text)
      .within(shown(url));
}

void OidcRenewal::on_discovered() {
  if (status_ != 200) return finish(refusal(url_));
  base::json::Document doc;
  const auto root = doc.parse(body_);
  endpoint_ = root ? (*root)["token_endpoint"].str() : "";
  if (endpoint_.empty()) {
    return finish(base::Error(base::Errc::protocol, "the answer names no token_endpoint")
                      .within(shown(url_)));
  }
  refresh();
}

void OidcRenewal::on_tokens() {
  if (status_ < 200 || status_ > 299) {
    base::Error why = refusal(url_);
    const bool client = status_ == 400 || status_ == 401;
    const bool grant = why.what().find("invalid_grant") != std::string::npos;
    if (style_ != Style::unknown || !client || grant) return finish(std::move(why));
    style_ = Style::body;
    return refresh();
  }
  if (style_ == Style::unknown) style_ = Style::header;
  base::json::Document doc;
  const auto root = doc.parse(body_);
  OidcTokens tokens;
  if (root) tokens.id_token = (*root)["id_token"].str();
  if (root) tokens.refresh_token = (*root)["refresh_token"].str();
  if (tokens.id_token.empty()) {
    return finish(base::Error(base::Errc::protocol,
                              "the answer holds no id_token: the login lacked the scope openid, or "
                              "the issuer gives none at a refresh")
                      .within(shown(url_)));
  }
  const auto expires = jwt_expiry(tokens.id_token);
  if (!expires || !is_bearer_token(tokens.id_token)) {
    return finish(
        base::Error(base::Errc::protocol, "the answer's id_token is no JWT").within(shown(url_)));
  }
  tokens.expires = *expires;
  finish(std::move(tokens));
}

void OidcRenewal::finish(base::Result<OidcTokens> result) {
  // A style that led nowhere is found out anew: the issuer may have changed.
  if (!result) style_ = Style::unknown;
  state_ = State::idle;
  body_ = {};
  config_ = {};
  fn_(std::move(result));
}

}  // namespace kube::config
