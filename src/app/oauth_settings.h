// OAuthSettings: the flags of AUTH_MODE=OAUTH.
#pragma once

#include <string>
#include <vector>

#include "auth/issuers.h"

namespace app {

struct OAuthSettings {
  std::string public_url;  // of the endpoint, as clients and tokens have it; "": not set
  std::vector<auth::IssuerSettings> issuers = {}, from_file = {};
  bool service_accounts = false, opaque_tokens = false;
  base::Duration clock_skew = auth::kClockSkew;
  bool exchange = false;                           // --caller-credentials
  auth::token::ExchangeSettings exchange_by = {};  // of the flags: for the one issuer
};

}  // namespace app
