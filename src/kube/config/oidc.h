// Oidc: the id-token of `auth-provider: oidc`, renewed with its refresh token as kubectl does.
//
//   id-token                                no renewal under way                    one under way
//   fresh                                   used                                    used
//   due (from kExecAhead before its end)    used, and a renewal starts              used
//   over (kIdTokenMargin before its end,
//   or refused by the API server)           a renewal starts, its requests wait     they wait
//
// Before a renewal the kubeconfig is read again: kubectl, or a plugin of it, may have renewed the
// token there. Without a refresh token that is all. New tokens are written back to the file as
// kubectl does (token_write.h); where that cannot be done, as in a pod, they are kept in memory, and
// a warning says so. A renewal that fails is followed by a pause of 1, 2, 4 … 60 s in which requests
// fail at once with its error.
#pragma once

#include <optional>
#include <string>

#include "base/delegate.h"
#include "base/error.h"
#include "base/random.h"
#include "base/time.h"
#include "kube/config/kubeconfig.h"
#include "kube/config/oidc_renewal.h"
#include "kube/config/waiters.h"
#include "loop/loop.h"
#include "net/resolve.h"
#include "watchutil/backoff.h"

namespace kube::config {

// An id-token is not used in its last seconds (client-go's oidc plugin), and the kubeconfig is read
// for another one so often at most.
constexpr base::Duration kIdTokenMargin = base::seconds(10);
constexpr base::Duration kIdTokenCheck = base::seconds(5);
constexpr base::Duration kOidcPauseCap = base::seconds(60);
// Between two renewals that a 401 asked for: an API server that refuses whatever the issuer gives must
// not use up refresh tokens.
constexpr base::Duration kOidcRefusedPause = base::seconds(60);

class Oidc {
 public:
  // Takes a token into use.
  using AcceptFn = base::Delegate<void(const std::string& token)>;

  // `config` has oidc; it, `loop` and `resolver` outlive this. Gives the kubeconfig's token at once.
  Oidc(loop::Loop& loop, net::Resolver& resolver, const Config& config, AcceptFn accept);

  // Asked before each request. ready: the token accepted last is to be used.
  CredentialState prepare();
  // Requires: prepare() said running. Called once, never inside prepare().
  void wait(Waiter& waiter);
  // The API server refused the token (401). True: there is another one, or prepare() will fetch one.
  bool refused();
  // Requires: prepare() said failed.
  const base::Error& error() const { return *error_; }

 private:
  bool usable() const;
  bool due() const;
  bool look_at_file();
  void on_renewed(base::Result<OidcTokens> result);
  void take(OidcTokens tokens);
  void write_back(const OidcConfig& before);

  loop::Loop& loop_;
  const Config& config_;
  AcceptFn accept_;
  OidcConfig in_file_, now_;  // as last read; in use
  bool refused_ = false;
  base::TimePoint next_look_{}, pause_until_{}, refused_until_{};
  std::optional<base::Error> error_;
  watchutil::Backoff backoff_;
  base::Random random_;
  Waiters waiters_;
  OidcRenewal renewal_;
};

}  // namespace kube::config
