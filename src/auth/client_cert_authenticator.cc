#include "auth/client_cert_authenticator.h"

#include <utility>

#include "base/log.h"
#include "kube/config/impersonation.h"

namespace auth {

using mcp::Verdict;

namespace {

Verdict refused(std::string message) {
  Verdict out;
  out.refusal = mcp::Refusal{403, {}, std::move(message)};
  return out;
}

}  // namespace

std::optional<Verdict> ClientCertAuthenticator::known(
    std::optional<std::string_view> authorization) {
  return known_on(nullptr, authorization);
}

std::optional<Verdict> ClientCertAuthenticator::known_on(const net::PeerIdentity* peer,
                                                         std::optional<std::string_view>) {
  if (!peer || peer->by != net::PeerIdentity::By::certificate)
    return refused("this listener takes only callers with a client certificate");
  if (!peer->problem.empty()) return refused(peer->problem);
  // Service accounts, too, which impersonation_lines() takes from the API server alone.
  if (peer->user.starts_with("system:"))
    return refused("the user of this client certificate belongs to the cluster itself");
  auto lines = kube::config::impersonation_lines({.user = peer->user, .groups = peer->groups});
  if (!lines) {
    LOG_DEBUG("client certificate refused", {"peer", peer->text}, {"reason", lines.error()});
    return refused("the server cannot act as the user of this client certificate: " +
                   lines.error().what());
  }
  Verdict out;
  out.caller.identity = peer->id;
  out.caller.distinct = true;
  out.caller.acts_as = *std::move(lines);
  return out;
}

std::unique_ptr<mcp::PendingVerdict> ClientCertAuthenticator::ask(std::string_view,
                                                                  std::string_view, Fn) {
  return nullptr;
}

}  // namespace auth
