#include "kube/config/auth.h"

#include "base/encoding.h"

namespace kube::config {
namespace {

HeaderList impersonation_of(const UserConfig& user) {
  HeaderList list;
  if (user.impersonate_user.empty()) return list;
  list.emplace_back("Impersonate-User", user.impersonate_user);
  if (!user.impersonate_uid.empty()) list.emplace_back("Impersonate-Uid", user.impersonate_uid);
  for (const std::string& group : user.impersonate_groups) {
    list.emplace_back("Impersonate-Group", group);
  }
  for (const auto& [key, value] : user.impersonate_extra) {
    list.emplace_back(impersonate_extra_name(key), value);
  }
  return list;
}

}  // namespace

Auth::Auth(loop::Loop& loop, Transport& transport, const Config& config)
    : loop_(loop),
      transport_(transport),
      config_(config),
      impersonation_(impersonation_of(config.user)),
      token_file_("token file", config.user.token_file, accept_token) {
  const UserConfig& user = config.user;
  if (!user.token.empty()) authorization_ = "Bearer " + user.token;
  if (!user.username.empty()) {
    authorization_ = "Basic " + base::base64(user.username + ":" + user.password);
  }
  look_at_token(true);
  if (user.oidc) {
    oidc_.emplace(loop, transport.resolver(), config,
                  Oidc::AcceptFn::bind<&Auth::take_id_token>(this));
  }
  if (user.exec) {
    exec_.emplace(loop, *user.exec, ExecPlugin::AcceptFn::bind<&Auth::take>(this),
                  ExecPlugin::InfoFn::bind<&Auth::plugin_info>(this));
  }
}

Auth::State Auth::prepare() {
  transport_.check_files(false);
  if (exec_) {
    const State state = exec_->prepare();
    if (state == State::failed) error_ = exec_->error();
    return state;
  }
  if (oidc_) {
    const State state = oidc_->prepare();
    if (state == State::failed) error_ = oidc_->error();
    return state;
  }
  if (!token_file_.has_path()) return State::ready;
  const bool missing = authorization_.empty() && loop_.now() >= next_missing_check_;
  if (missing) next_missing_check_ = loop_.now() + kMissingTokenCheck;
  look_at_token(missing);
  if (!authorization_.empty()) return State::ready;
  error_ = base::Error(base::Errc::unauthorized, token_file_.problem());
  return State::failed;
}

bool Auth::look_at_token(bool force) {
  if (!token_file_.refresh(loop_.now(), force)) return false;
  set_authorization("Bearer " + token_file_.content());
  return true;
}

void Auth::wait(Waiter& waiter) {
  if (oidc_) return oidc_->wait(waiter);
  exec_->wait(waiter);
}

void Auth::set_authorization(std::string value) {
  if (value == authorization_) return;
  authorization_ = std::move(value);
  ++changes_;
}

std::string Auth::plugin_info() {
  return exec_info(*config_.user.exec, config_.cluster, transport_.ca_pem());
}

base::Result<void> Auth::take(const ExecCredential& credential) {
  if (auto ok = transport_.set_certificate(credential.cert_pem, credential.key_pem); !ok) {
    return std::move(ok).error();
  }
  set_authorization(credential.token.empty() ? "" : "Bearer " + credential.token);
  return {};
}

void Auth::add_authorization(HeaderList& to) const {
  if (!authorization_.empty()) to.emplace_back("Authorization", authorization_);
}

void Auth::add_headers(HeaderList& to) const {
  add_authorization(to);
  to.insert(to.end(), impersonation_.begin(), impersonation_.end());
}

bool Auth::refused(std::uint64_t stamp) {
  // The API server checks the certificate at each request, so one that expired during its
  // connection is refused until there is another.
  if (transport_.has_certificate()) transport_.close_idle(Transport::Kind::ours);
  if (stamp != this->stamp()) return true;
  transport_.check_files(true);
  look_at_token(true);
  if (stamp != this->stamp()) return true;
  if (oidc_) return oidc_->refused();
  return exec_ && exec_->refused();
}

}  // namespace kube::config
