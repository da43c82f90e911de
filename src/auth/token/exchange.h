// Exchange: one of a caller's access tokens for a token that the API server takes (RFC 8693), at the
// token endpoint of its issuer. The request is made over HTTPS with DocumentFetch's limits, as the
// client of the settings, whose secret's file is read each time.
//
//   the issuer's answer                                   the error
//   error invalid_grant or invalid_request (RFC 8693      unauthorized: the caller's token counts no
//     section 2.2.2: the subject token is not accepted)     longer
//   access_denied, invalid_target, invalid_scope          forbidden: not for this caller
//   429, another error (invalid_client …), another        unavailable: may be tried again; the settings
//     status, no answer, an answer that is none             or the issuer may have to be mended
//
// Texts are for the log: printable, without any token or secret, but with the issuer's own words, file
// names and addresses. Callers are told ExchangeOutcome::said alone.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/token/document_fetch.h"
#include "auth/token/issuer_settings.h"
#include "auth/token/metadata.h"
#include "base/delegate.h"
#include "base/error.h"
#include "base/time.h"
#include "loop/loop.h"
#include "net/resolve.h"

namespace auth::token {

// Longest token accepted from an issuer: with a user's claims of the cluster it is larger than the
// caller's.
constexpr std::size_t kExchangedBytes = 16 * 1024;
constexpr std::size_t kClientSecretBytes = 4096;
// After this the metadata are read again; a failed exchange reads them again, too.
constexpr base::Duration kEndpointKept = base::hours(1);

struct ExchangedToken {
  std::string token;
  std::optional<base::Duration> lifetime = {};  // as the issuer says it (expires_in)
};

struct ExchangeOutcome {
  base::Result<ExchangedToken> got;
  // The `error` of a refusal, when it is one of those above for which the caller can do something;
  // else "". It is static: nothing that an issuer writes freely reaches a caller.
  std::string_view said = {};
  std::optional<base::Duration> retry_after = {};  // as the issuer asks (answer_times.h)
};

// The form that asks for it (RFC 8693 section 2.1), without the client.
std::string exchange_form(const ExchangeSettings& settings, std::string_view subject);
// The answer to it; errors as above. `subject`: the caller's token, which is not accepted back.
base::Result<ExchangedToken> exchanged_token(const FetchedDocument& answer,
                                             std::string_view subject);
// ExchangeOutcome::said of an answer that is a refusal.
std::string_view said_of(const FetchedDocument& answer);

// One issuer at which tokens are exchanged, shared by the exchanges under way.
struct ExchangeSite {
  IssuerSettings settings;  // Requires: `exchange` is set
  std::string user_agent;
  UrlRules rules = {};
  const char* (*getenv)(const char*) = nullptr;
  // Found in the metadata; used until `due`.
  TokenEndpoint endpoint = {};
  bool public_only = false;
  base::TimePoint due{};
};

class Exchange {
 public:
  // Called once, never inside start(), as the last statement.
  using Fn = base::Delegate<void(ExchangeOutcome)>;
  // All must outlive it. Destroying it cancels it.
  Exchange(loop::Loop& loop, net::Resolver& resolver, ExchangeSite& site, Fn fn);

  void start(std::string subject);  // once

 private:
  void look_up();
  void post(const TokenEndpoint& endpoint, bool public_only);
  void on_document(base::Result<FetchedDocument> result);
  base::Result<void> on_metadata(base::Result<FetchedDocument> result);
  void on_failed();
  void finish(base::Result<ExchangedToken> result, std::string_view said = {});

  loop::Loop& loop_;
  ExchangeSite& site_;
  Fn fn_;
  std::string subject_;
  bool posted_ = false;
  std::size_t form_ = 0;  // of the metadata's URL, that is asked
  std::optional<base::Error> failed_;
  DocumentFetch fetch_;
  loop::Deferred fail_;
};

}  // namespace auth::token
