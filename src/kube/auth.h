// Auth: the configured identity of a kubeconfig or service account, as what a request needs of it: header lines, and the client certificate in
// the Transport's own connections. It knows one means: nothing, token, token file, basic, exec plugin or id-token; each may come with a client certificate
// and impersonation. A caller's own credentials never pass through here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "kube/exec_plugin.h"
#include "kube/kubeconfig.h"
#include "kube/transport.h"
#include "kube/watched_file.h"
#include "loop/loop.h"

namespace kube {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

// Between two looks at a token file that never gave a token.
constexpr base::Duration kMissingTokenCheck = base::seconds(1);

// An id-token is not used in its last seconds (client-go's oidc plugin), and the kubeconfig is looked at for another one so often at most.
constexpr base::Duration kIdTokenMargin = base::seconds(10);
constexpr base::Duration kIdTokenCheck = base::seconds(5);

// "Impersonate-Extra-<key>": the key in lower case, bytes that no header name has and '%' as %xx.
std::string impersonate_extra_name(std::string_view key);

class Auth {
 public:
  using State = ExecPlugin::State;
  using Waiter = ExecPlugin::Waiter;

  // All outlive it. Reads the token file.
  Auth(loop::Loop& loop, Transport& transport, const Config& config);

  // Asked before each request: looks at the files when they are due, runs the exec plugin when needed.
  State prepare();
  // Requires: prepare() said running. See ExecPlugin::wait().
  void wait(Waiter& waiter) { exec_->wait(waiter); }
  // Requires: prepare() said failed.
  const base::Error& error() const { return *error_; }
  // Requires: prepare() said ready.
  void add_headers(HeaderList& to) const;

  // What the credentials of now are known by; another one after each change.
  std::uint64_t stamp() const { return changes_ + transport_.generation(); }
  // A request made with `stamp` was refused (401). True: there are other credentials now, or prepare() will fetch some; try once more.
  bool refused(std::uint64_t stamp);

 private:
  std::string plugin_info();
  base::Result<void> take(const ExecCredential& credential);
  void set_authorization(std::string value);
  bool look_at_token(bool force);
  State look_at_id_token(bool refused);

  loop::Loop& loop_;
  Transport& transport_;
  const Config& config_;
  HeaderList impersonation_;
  std::string authorization_;
  std::uint64_t changes_ = 0;
  std::optional<base::Error> error_;
  WatchedFile token_file_;
  base::TimePoint next_missing_check_{};
  std::optional<OidcConfig> oidc_;
  std::optional<ExecPlugin> exec_;
};

}  // namespace kube
