// OidcRenewal: one renewal of an id-token at its issuer, as client-go's oidc plugin does it: the token
// endpoint is looked up in ISSUER/.well-known/openid-configuration (OpenID Connect Discovery 1.0, 4)
// and given the refresh token (RFC 6749, 6). The client's id and secret go into Authorization; an
// issuer that answers 400 or 401 to that gets them in the body (golang.org/x/oauth2 tries so, too).
//
// Secrets go to https:// addresses, or to this machine, alone. The issuer is reached through the
// environment's proxy and verified by its own authority, else the system's.
//
//   state        waits for            next
//   discovering  the issuer's answer  refreshing
//   refreshing   new tokens           refreshing, once, with the client in the body; idle
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/delegate.h"
#include "base/error.h"
#include "base/time.h"
#include "base/url.h"
#include "http/client_call.h"
#include "kube/config/kubeconfig.h"
#include "kube/config/transport.h"
#include "loop/loop.h"
#include "net/resolve.h"

namespace kube::config {

// The limit for each of the requests. An issuer that takes longer counts as down.
constexpr base::Duration kOidcCallTime = base::seconds(30);
constexpr std::size_t kOidcAnswerBytes = 256 * 1024;  // some KiB are usual
constexpr std::size_t kOidcWords = 200;               // of an issuer's own words in an error

struct OidcTokens {
  std::string id_token;
  base::WallTime expires{};
  std::string refresh_token;  // the next renewal's; "" : the same again
};

class OidcRenewal final : public http::CallHandler {
 public:
  // Called once, never inside start(), as the last statement. Errors: unauthorized when the issuer
  // refuses the refresh token (invalid_grant), invalid_argument for what is wrong in the kubeconfig,
  // protocol for an answer that holds no tokens, else what the connection or the status says. None
  // holds a secret.
  using Fn = base::Delegate<void(base::Result<OidcTokens>)>;
  // `loop` and `resolver` outlive it. `options` say the environment.
  OidcRenewal(loop::Loop& loop, net::Resolver& resolver, const LoadOptions& options, Fn fn);
  ~OidcRenewal() override;

  // Requires: not running. `config` is copied.
  void start(const OidcConfig& config);
  bool running() const { return state_ != State::idle; }

 private:
  enum class State : unsigned char { idle, discovering, refreshing };
  enum class Style : unsigned char { unknown, header, body };  // where the client's id goes

  // The connections to one address.
  struct Site {
    std::string authority;  // "https://idp.example:443"
    std::unique_ptr<Transport> transport;
    Transport::Use use;
    std::unique_ptr<http::ClientCall> call;
  };

  void on_head(const http::ResponseHead& head) override;
  void on_body(std::string_view bytes) override;
  void on_end(const http::CallEnd& end) override;
  void on_refused() { finish(base::Error(*refusal_)); }
  void ask(State next, const std::string& url, http::ClientRequest request);
  base::Result<Site*> site_of(const base::Url& url);
  void refresh();
  void on_discovered();
  void on_tokens();
  base::Error refusal(const std::string& url) const;
  void finish(base::Result<OidcTokens> result);

  loop::Loop& loop_;
  net::Resolver& resolver_;
  const LoadOptions& options_;
  Fn fn_;
  State state_ = State::idle;
  Style style_ = Style::unknown;
  OidcConfig config_;
  std::string endpoint_, url_;  // the token endpoint; what is asked now
  Site issuer_, tokens_;
  int status_ = 0;
  std::string body_;
  bool overflow_ = false;
  std::optional<base::Error> refusal_;
  loop::Deferred refused_;
};

}  // namespace kube::config
