// The authenticators of the listeners: one for each mode that is in use.
#include "app/app.h"
#include "app/open_rules.h"
#include "auth/client_cert_authenticator.h"
#include "auth/kube_authenticator.h"

namespace app {

using base::Result;

Result<void> App::make_oauth() {
  if (settings_.command != Command::serve) return {};
  const bool oauth = uses_mode(settings_, AuthMode::oauth);
  const OAuthSettings& how = settings_.oauth;
  const bool impersonates =
      (oauth && (!how.exchange || how.service_accounts || how.opaque_tokens)) ||
      uses_mode(settings_, AuthMode::client_cert);
  if (impersonates && !client_->config().user.impersonate_user.empty()) {
    return base::Error(base::Errc::invalid_argument,
                       "the auth mode impersonates the callers, but the kubeconfig itself "
                       "impersonates a user: use the kubeconfig of the server's own account");
  }
  if (!oauth) return {};
  oauth_ = std::make_unique<OAuth>(loop_, resolver_, settings_);
  client_->set_caller_tokens(oauth_->caller_tokens());
  health_->show_issuers(Health::IssuersFn::bind<&OAuth::issuers>(oauth_.get()));
  return {};
}

std::unique_ptr<mcp::Authenticator> App::make_authenticator(AuthMode mode) {
  switch (mode) {
    case AuthMode::oidc_required:
      return std::make_unique<auth::KubeAuthenticator>(*cluster_, settings_.token_reviews);
    case AuthMode::oauth:
      return oauth_->authenticator(*cluster_);
    case AuthMode::client_cert:
      return std::make_unique<auth::ClientCertAuthenticator>();
    case AuthMode::dev_allow_any:
      break;
  }
  return std::make_unique<auth::OwnIdentity>();
}

// One for each mode that is in use, made when it is first asked for.
mcp::Authenticator& App::authenticator_of(AuthMode mode) {
  // Else the client started this process and can use the kubeconfig's identity already.
  if (settings_.command != Command::serve) mode = AuthMode::dev_allow_any;
  auto& authenticator = authenticators_[static_cast<std::size_t>(mode)];
  if (!authenticator) authenticator = make_authenticator(mode);
  return *authenticator;
}

// The checks for all listeners.
mcp::AuthStats App::auth_stats() const {
  mcp::AuthStats sum;
  for (const auto& each : authenticators_) {
    if (!each) continue;
    const mcp::AuthStats one = each->stats();
    sum.asking += one.asking;
    sum.waiting += one.waiting;
    sum.accepted_kept += one.accepted_kept;
    sum.refused_kept += one.refused_kept;
    sum.accepted += one.accepted;
    sum.refused += one.refused;
    sum.failed += one.failed;
    sum.full += one.full;
  }
  return sum;
}

}  // namespace app
