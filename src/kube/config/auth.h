// Auth: the configured identity of a kubeconfig or service account in the form that requests need:
// header lines, and the client certificate in the Transport's own connections. It uses one
// authentication method: none, token, token file, basic, exec plugin or id-token; each can be
// combined with a client certificate and impersonation. Callers' credentials never pass through
// here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "kube/config/exec_plugin.h"
#include "kube/config/impersonation.h"
#include "kube/config/kubeconfig.h"
#include "kube/config/oidc.h"
#include "kube/config/transport.h"
#include "kube/config/waiters.h"
#include "kube/config/watched_file.h"
#include "loop/loop.h"

namespace kube::config {

// Interval between reads of a token file that has not provided a token yet.
constexpr base::Duration kMissingTokenCheck = base::seconds(1);

class Auth {
 public:
  using State = CredentialState;
  using Waiter = config::Waiter;

  // All must outlive it. Reads the token file.
  Auth(loop::Loop& loop, Transport& transport, const Config& config);

  // Call it before each request: re-reads the files when they are due and runs the exec plugin when
  // it is needed.
  State prepare();
  // Requires: prepare() returned running. See ExecPlugin::wait().
  void wait(Waiter& waiter);
  // Requires: prepare() returned failed.
  const base::Error& error() const { return *error_; }
  // Requires: prepare() returned ready.
  void add_headers(HeaderList& to) const;
  // The same without the configured impersonation: for a request on behalf of another user.
  void add_authorization(HeaderList& to) const;
  // The configuration itself impersonates: then no other user can be.
  bool impersonates() const { return !impersonation_.empty(); }

  // Identifies the present credentials; changes whenever they do.
  std::uint64_t stamp() const { return changes_ + transport_.generation(); }
  // Reports that a request made with `stamp` was refused (401). Returns true when there are other
  // credentials now or prepare() will fetch some: try once more.
  bool refused(std::uint64_t stamp);

 private:
  std::string plugin_info();
  base::Result<void> take(const ExecCredential& credential);
  void set_authorization(std::string value);
  void take_id_token(const std::string& token) { set_authorization("Bearer " + token); }
  bool look_at_token(bool force);

  loop::Loop& loop_;
  Transport& transport_;
  const Config& config_;
  HeaderList impersonation_;
  std::string authorization_;
  std::uint64_t changes_ = 0;
  std::optional<base::Error> error_;
  WatchedFile token_file_;
  base::TimePoint next_missing_check_{};
  std::optional<Oidc> oidc_;
  std::optional<ExecPlugin> exec_;
};

}  // namespace kube::config
