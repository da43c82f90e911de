#include "kube/client.h"

#include <array>
#include <utility>

#include "kube/config/auth.h"
#include "kube/config/caller_tokens.h"
#include "kube/config/transport.h"
#include "kube/gate.h"
#include "net/loopback.h"

namespace kube {
namespace {

Failure local_refusal(int status, base::Errc code, std::string message) {
  Failure f;
  f.status = status;
  f.code = code;
  f.message = std::move(message);
  return f;
}

}  // namespace

struct Client::Impl {
  Impl(loop::Loop& loop_in, config::Config config_in, std::string user_agent_in,
       std::unique_ptr<config::Transport> transport_in);

  loop::Loop& loop;
  const config::Config config;
  const std::string user_agent;
  std::unique_ptr<config::Transport> transport;
  config::Auth auth;
  ClientStats stats;
  std::array<VerbStats, kVerbs> verbs;
  bool streams_lists = false;
  base::Duration watch_timeout{};
  ListLimits list_limits;
  BodyRoom body_room;
  Gate* gate = nullptr;
  config::CallerTokens* caller_tokens = nullptr;
};

Client::Impl::Impl(loop::Loop& loop_in, config::Config config_in, std::string user_agent_in,
                   std::unique_ptr<config::Transport> transport_in)
    : loop(loop_in),
      config(std::move(config_in)),
      user_agent(std::move(user_agent_in)),
      transport(std::move(transport_in)),
      auth(loop, *transport, config) {}

std::optional<Failure> Client::objection(const ApiRequest& request) const {
  const config::Credentials& credentials = request.credentials;
  const bool exchanged = credentials.kind() == config::Credentials::Kind::exchanged;
  if (exchanged && !impl_->caller_tokens)
    return local_refusal(403, base::Errc::forbidden, "tokens are not exchanged here");
  const bool bearer = credentials.kind() == config::Credentials::Kind::bearer;
  if (bearer && !config::is_bearer_token(credentials.token())) {
    return local_refusal(401, base::Errc::unauthorized,
                         "the bearer token is empty or holds a space, a control or a non-ASCII "
                         "character, which a token must not");
  }
  if ((bearer || exchanged) && !impl_->config.cluster.tls &&
      !net::is_loopback(impl_->config.cluster.host)) {
    return local_refusal(
        403, base::Errc::forbidden,
        "a bearer token is not sent over http:// to " + impl_->config.cluster.host);
  }
  if (credentials.kind() == config::Credentials::Kind::impersonated &&
      (credentials.lines().empty() || impl_->auth.impersonates())) {
    return local_refusal(403, base::Errc::forbidden,
                         "the kubeconfig impersonates a user itself; no caller can be "
                         "impersonated with it");
  }
  return impl_->gate ? impl_->gate->objection(request) : std::nullopt;
}

void Client::set_gate(Gate* gate) {
  impl_->gate = gate;
}

void Client::set_caller_tokens(config::CallerTokens* tokens) {
  impl_->caller_tokens = tokens;
}

config::CallerTokens* Client::caller_tokens() const {
  return impl_->caller_tokens;
}

http::ClientRequest Client::make_request(const ApiRequest& request) const {
  http::ClientRequest out;
  out.method = request.method;
  out.target = impl_->config.cluster.path_prefix + request.path;
  if (!request.query.empty()) out.target.append("?").append(request.query);
  out.headers.reserve(5);
  out.headers.emplace_back("Accept", request.accept);
  out.headers.emplace_back("User-Agent", impl_->user_agent);
  if (!request.content_type.empty()) out.headers.emplace_back("Content-Type", request.content_type);
  if (!request.audit_id.empty()) out.headers.emplace_back("Audit-ID", request.audit_id);
  switch (request.credentials.kind()) {
    case config::Credentials::Kind::none:
      break;
    case config::Credentials::Kind::configured:
      impl_->auth.add_headers(out.headers);
      break;
    case config::Credentials::Kind::impersonated:
      impl_->auth.add_authorization(out.headers);
      config::add_impersonation(request.credentials.lines(), out.headers);
      break;
    case config::Credentials::Kind::bearer:
      out.headers.emplace_back("Authorization", "Bearer " + request.credentials.token());
      break;
    case config::Credentials::Kind::exchanged:
      out.headers.emplace_back(
          "Authorization", "Bearer " + impl_->caller_tokens->token(request.credentials.lines()));
      break;
  }
  out.body = request.body;
  out.head_time = request.head_time;
  out.idempotent = request.idempotent;
  out.urgent = request.urgent;
  return out;
}

base::Result<std::unique_ptr<Client>> Client::create(loop::Loop& loop, net::Resolver& resolver,
                                                     config::Config config,
                                                     std::string user_agent) {
  auto transport = config::Transport::create(loop, resolver, config);
  if (!transport) return std::move(transport).error();
  auto impl =
      std::make_unique<Impl>(loop, std::move(config), std::move(user_agent), *std::move(transport));
  return std::unique_ptr<Client>(new Client(std::move(impl)));
}

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Client::~Client() = default;

const config::Config& Client::config() const {
  return impl_->config;
}

std::string Client::server() const {
  const config::ClusterConfig& cluster = impl_->config.cluster;
  return (cluster.tls ? "https://" : "http://") + base::join_host_port(cluster.host, cluster.port) +
         cluster.path_prefix;
}

bool Client::streams_lists() const {
  return impl_->streams_lists;
}

void Client::set_streams_lists(bool on) {
  impl_->streams_lists = on;
}

base::Duration Client::watch_timeout() const {
  return impl_->watch_timeout;
}

void Client::set_watch_timeout(base::Duration least) {
  impl_->watch_timeout = least;
}

const ListLimits& Client::list_limits() const {
  return impl_->list_limits;
}

void Client::set_list_limits(const ListLimits& limits) {
  impl_->list_limits = limits;
}

BodyRoom& Client::body_room() {
  return impl_->body_room;
}

loop::Loop& Client::loop() const {
  return impl_->loop;
}

void Client::close_idle() {
  impl_->transport->close_idle(config::Transport::Kind::ours);
  impl_->transport->close_idle(config::Transport::Kind::bare);
}

ClientStats Client::stats() const {
  ClientStats stats = impl_->stats;
  stats.connections = impl_->transport->connections();
  return stats;
}

const VerbStats& Client::stats(Verb verb) const {
  return impl_->verbs[static_cast<std::size_t>(verb)];
}

config::Auth& Client::auth() {
  return impl_->auth;
}

config::Transport& Client::transport() {
  return *impl_->transport;
}

void Client::count_start() {
  ++impl_->stats.requests;
}

void Client::count_failure() {
  ++impl_->stats.failures;
}

void Client::count_answer(Verb verb, int status, base::Duration head_time) {
  VerbStats& of = impl_->verbs[static_cast<std::size_t>(verb)];
  of.answers.add(status);
  of.head_time.observe(head_time);
}

}  // namespace kube
