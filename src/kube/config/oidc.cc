#include "kube/config/oidc.h"

#include <utility>
#include <vector>

#include "base/log.h"
#include "kube/config/exec_plugin.h"
#include "kube/config/token_write.h"

namespace kube::config {

Oidc::Oidc(loop::Loop& loop, net::Resolver& resolver, const Config& config, AcceptFn accept)
    : loop_(loop),
      config_(config),
      accept_(accept),
      in_file_(*config.user.oidc),
      now_(in_file_),
      backoff_({.cap = kOidcPauseCap}),
      random_(base::Random::from_system()),
      renewal_(loop, resolver, config.loaded, OidcRenewal::Fn::bind<&Oidc::on_renewed>(this)) {
  accept_(now_.id_token);
}

bool Oidc::usable() const {
  return !refused_ && loop_.wall_now().ns + kIdTokenMargin.count() < now_.expires.ns;
}

bool Oidc::due() const {
  return !usable() || loop_.wall_now().ns + kExecAhead.count() >= now_.expires.ns;
}

CredentialState Oidc::prepare() {
  if (renewal_.running()) return usable() ? CredentialState::ready : CredentialState::running;
  if (!due()) return CredentialState::ready;
  if (loop_.now() >= next_look_) look_at_file();
  if (!due()) return CredentialState::ready;
  if (now_.refresh_token.empty()) {
    if (usable()) return CredentialState::ready;
    error_ = base::Error(base::Errc::unauthorized,
                         "auth-provider oidc has no valid id-token in the kubeconfig, and no "
                         "refresh-token to renew it with: log in again, or use exec with a plugin");
    return CredentialState::failed;
  }
  if (loop_.now() < pause_until_) {
    return usable() ? CredentialState::ready : CredentialState::failed;
  }
  renewal_.start(now_);
  return usable() ? CredentialState::ready : CredentialState::running;
}

void Oidc::wait(Waiter& waiter) {
  CHECK(renewal_.running());
  waiters_.add(waiter);
}

bool Oidc::refused() {
  if (look_at_file()) return true;
  if (now_.refresh_token.empty()) return false;
  if (!renewal_.running()) {
    if (loop_.now() < refused_until_) return false;
    refused_until_ = loop_.now() + kOidcRefusedPause;
  }
  refused_ = true;
  return true;
}

// True when another one wrote tokens there; they win over ours, which then are older.
bool Oidc::look_at_file() {
  next_look_ = loop_.now() + kIdTokenCheck;
  auto config = load_config(config_.loaded);
  if (!config || !config->user.oidc) return false;
  OidcConfig& read = *config->user.oidc;
  if (read.id_token == in_file_.id_token && read.refresh_token == in_file_.refresh_token)
    return false;
  in_file_ = now_ = std::move(read);
  refused_ = false;
  pause_until_ = {};
  accept_(now_.id_token);
  return true;
}

void Oidc::on_renewed(base::Result<OidcTokens> result) {
  if (result && loop_.wall_now().ns + kIdTokenMargin.count() >= result->expires.ns) {
    result = base::Error(base::Errc::unavailable,
                         "the issuer's new id-token has ended already, by the clock here");
  }
  if (result) {
    take(*std::move(result));
  } else {
    error_ = std::move(result).error().within("auth-provider oidc");
    LOG_WARN("the id-token cannot be renewed", {"error", *error_});
    pause_until_ = loop_.now() + backoff_.next(random_);
  }
  waiters_.wake();
}

void Oidc::take(OidcTokens tokens) {
  const OidcConfig before = now_;
  now_.id_token = std::move(tokens.id_token);
  now_.expires = tokens.expires;
  if (!tokens.refresh_token.empty()) now_.refresh_token = std::move(tokens.refresh_token);
  refused_ = false;
  error_.reset();
  backoff_.reset();
  // One that ends at once must not be renewed at each request.
  if (due()) pause_until_ = loop_.now() + backoff_.next(random_);
  write_back(before);
  accept_(now_.id_token);
}

void Oidc::write_back(const OidcConfig& before) {
  // What stands there is older than ours already: it could not be written the last time.
  if (before.id_token != in_file_.id_token || before.refresh_token != in_file_.refresh_token)
    return;
  std::vector<std::pair<std::string, std::string>> changes;
  if (!before.id_token.empty()) changes.emplace_back(before.id_token, now_.id_token);
  if (before.refresh_token != now_.refresh_token)
    changes.emplace_back(before.refresh_token, now_.refresh_token);
  if (changes.empty()) return;
  if (auto ok = replace_tokens(now_.file, changes); !ok) {
    LOG_WARN("renewed tokens cannot be written to the kubeconfig and are kept in memory",
             {"file", now_.file}, {"error", ok.error()},
             {"refresh_token", before.refresh_token == now_.refresh_token
                                   ? "the one in the file stays good"
                                   : "the one in the file may be void now"});
    return;
  }
  LOG_INFO("renewed tokens are written to the kubeconfig", {"file", now_.file});
  if (!before.id_token.empty()) in_file_.id_token = now_.id_token;
  in_file_.refresh_token = now_.refresh_token;
}

}  // namespace kube::config
