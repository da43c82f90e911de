// The paths that the server answers: one row each.
#include <algorithm>
#include <string_view>
#include <utility>

#include "app/app.h"
#include "app/metrics.h"
#include "app/not_found.h"
#include "app/open_rules.h"
#include "app/reader.h"
#include "base/metrics.h"
#include "base/text.h"

namespace app {

namespace {

// Has the query a member of this name?
bool has_flag(const http::Request& request, std::string_view name) {
  const auto parts = base::split(request.query, '&');
  return std::any_of(parts.begin(), parts.end(),
                     [&](std::string_view part) { return part.substr(0, part.find('=')) == name; });
}

}  // namespace

// The first row that fits counts. Members are in the order in which a row is read.
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding)
struct App::Route {
  // Before the host check: for probes and scrapes, which carry the pod's address as Host and
  // disclose nothing. After it: for all that a browser's page must not read through a rebound host
  // name.
  // For every site's page: of_any_origin.
  enum class Answered : unsigned char { before_host_check, after_host_check, of_any_origin };
  std::string_view path;
  std::string_view flag;  // the query has a member of this name; "": any query
  Answered answered;
  void (App::*answer)(const http::Request&, http::Reply&);
  bool page = true;                 // GET and HEAD only; else all methods, with a body
  bool when_full = false;           // also with no connection left
  bool Settings::*if_on = nullptr;  // only with this setting
  bool ops = false;                 // on the listener of --ops-listen, if there is one
};

const App::Route& App::route_of(const http::Request& request) const {
  using enum Route::Answered;
  static constexpr bool kAny = false, kWhenFull = true;
  // An unanswered probe makes the kubelet restart the process.
  static constexpr Route kRoutes[] = {
      {"/mcp", "", after_host_check, &App::enter_mcp, kAny},
      {"/mcp/", "", after_host_check, &App::enter_mcp, kAny},
      // It names namespaces.
      {"/healthz", "verbose", after_host_check, &App::show_watches, true, kWhenFull, nullptr, true},
      {"/healthz", "", before_host_check, &App::show_alive, true, kWhenFull, nullptr, true},
      {"/readyz", "", before_host_check, &App::show_ready, true, kWhenFull, nullptr, true},
      {"/metrics", "", before_host_check, &App::show_metrics, true, false, &Settings::metrics,
       true},
  };
  static constexpr Route kMetadata{"", "", of_any_origin, &App::show_metadata, kAny};
  static constexpr Route kNone{"", "", after_host_check, &App::refuse_path, kAny};
  for (const Route& route : kRoutes) {
    if (ops_server_ && route.ops != (request.door == kOpsDoor)) continue;
    if (route.path == request.path && (!route.if_on || settings_.*route.if_on) &&
        (route.flag.empty() || has_flag(request, route.flag))) {
      return route;
    }
  }
  const bool ops = ops_server_ && request.door == kOpsDoor;
  const bool metadata =
      oauth_ && !ops && oauth_->serves(request.path) && auth_of(request) == AuthMode::oauth;
  return metadata ? kMetadata : kNone;
}

void App::on_request(const http::Request& request, http::Reply reply) {
  if (state_ == State::running && !trim_timer_.armed()) trimmer_.note_work();
  gauge_.note_work();
  const Route& route = route_of(request);
  using Answered = Route::Answered;
  if (route.answered != Answered::before_host_check &&
      !endpoint_->admit(request, reply, checks_host(request),
                        route.answered == Answered::of_any_origin)) {
    return;
  }
  if (route.page && !is_read(request, reply)) return;
  (this->*route.answer)(request, reply);
}

// The body of a request with a refused token is not read. A caller whose token is not verified yet
// may send a small body, and a larger one once it is verified; any caller of a path other than /mcp
// may send a small one.
http::BodyRule App::on_head(const http::Request& head) {
  if (route_of(head).answer != &App::enter_mcp) return {true, base::limits::kUnverifiedBodyBytes};
  switch (authenticator_of(head).standing(head.headers.find("authorization"), head.identity)) {
    case mcp::Standing::refused:
      return {false, 0};
    case mcp::Standing::unverified:
      return {true, base::limits::kUnverifiedBodyBytes, true};
    case mcp::Standing::verified:
      break;
  }
  return {};
}

std::unique_ptr<http::BodyCheck> App::check_body(const http::Request& head,
                                                 std::string_view peer_key, RuleFn fn) {
  return head_checks_.begin(authenticator_of(head), head, peer_key, fn);
}

// Only a request for enter_mcp has its head checked.
void App::refuse_by_head(const http::Request& request, http::Reply reply,
                         mcp::Authenticator& told) {
  if (!endpoint_->admit(request, reply, checks_host(request))) return;
  endpoint_->on_request(request, std::move(reply), &told);
}

bool App::serves_when_full(const http::Request& request) const {
  return route_of(request).when_full;
}

// ---- the answers

AuthMode App::auth_of(const http::Request& request) const {
  if (!doors_ || request.door == kOpsDoor) return settings_.auth_mode;
  return app::auth_of(doors_->listen(request.door), settings_);
}

mcp::Authenticator& App::authenticator_of(const http::Request& request) {
  return authenticator_of(auth_of(request));
}

// A page can reach a server on its user's machine under a host name that it rebinds; a server on the
// network has names that it does not know. No browser connects to a Unix socket.
bool App::checks_host(const http::Request& request) const {
  if (!doors_) return false;  // a connection within this process
  const net::Address& address =
      request.door == kOpsDoor ? doors_->ops()->address() : doors_->address(request.door);
  if (address.is_unix()) return false;
  return address.is_loopback() || !settings_.allowed_hosts.empty();
}

fanout::Reader App::reader_of(const http::Request& request) {
  // The pages of --ops-listen are about the callers of all listeners.
  const bool ops = request.door == kOpsDoor;
  const bool own =
      ops ? callers_have_identities(settings_) : auth_of(request) != AuthMode::dev_allow_any;
  const bool local = !settings_.behind_tls_proxy && (ops || !own);
  std::vector<mcp::Authenticator*> known;
  for (const AuthMode mode : {AuthMode::oidc_required, AuthMode::oauth, AuthMode::client_cert})
    if (ops ? listens_in(settings_, mode) : mode == auth_of(request))
      known.push_back(&authenticator_of(mode));
  return app::reader_of(request, {settings_.allowed_hosts, own, local}, known);
}

void App::show_alive(const http::Request&, http::Reply& reply) {
  health_->send_alive(reply);
}

void App::show_watches(const http::Request& request, http::Reply& reply) {
  health_->send_watches(reply, reader_of(request));
}

void App::show_ready(const http::Request& request, http::Reply& reply) {
  health_->send_ready(reply, reader_of(request));
}

void App::show_metrics(const http::Request&, http::Reply& reply) {
  reply.send(
      200, base::metrics::kContentType,
      metrics_text({loop_, *server_, *client_, retries_, *endpoint_, *managers_, budgets_,
                    auth_stats(), acting_.stats(),
                    oauth_ ? oauth_->issuers() : std::vector<auth::IssuerStatus>(),
                    oauth_ ? oauth_->exchanged() : nullptr, doors_->tls(), health_->ready()}));
}

void App::enter_mcp(const http::Request& request, http::Reply& reply) {
  endpoint_->on_request(request, std::move(reply), &authenticator_of(request));
}

void App::show_metadata(const http::Request& request, http::Reply& reply) {
  oauth_->send_metadata(request, reply);
}

void App::refuse_path(const http::Request& request, http::Reply& reply) {
  answer_not_found(request, reply, auth_of(request));
}

}  // namespace app
