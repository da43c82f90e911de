// An issuer's metadata (OpenID Connect Discovery 1.0 section 4, RFC 8414), of which is wanted where its
// keys are and where it exchanges tokens.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/url.h"

namespace auth::token {

// Which URLs of issuers and of their keys are accepted.
struct UrlRules {
  // http:// is allowed when the host is this machine. For tests.
  bool loopback_http = false;
};
// An https:// URL without a user. Errors: what is required, "must be an https:// URL …".
base::Result<base::Url> checked_url(std::string_view text, const UrlRules& rules);

// Where `issuer` may have its metadata, in the order to try:
//   https://host/path/.well-known/openid-configuration
//   https://host/.well-known/oauth-authorization-server/path
// Requires: checked_url(issuer).
std::vector<std::string> metadata_urls(std::string_view issuer);

// jwks_uri of a document. Errors (invalid_argument): not JSON, another `issuer` (RFC 8414 section
// 3.3: equal, byte for byte), no or no acceptable jwks_uri. It may be http:// only where the issuer
// is, too.
base::Result<std::string> jwks_uri_of(std::string_view document, std::string_view issuer,
                                      const UrlRules& rules);

struct TokenEndpoint {
  std::string url;
  // How a client with a secret names itself: in the Authorization header, or in the form (RFC 6749
  // section 2.3.1); the header unless the issuer takes the form alone.
  bool secret_in_form = false;
};
// token_endpoint of a document, under the same rules.
base::Result<TokenEndpoint> token_endpoint_of(std::string_view document, std::string_view issuer,
                                              const UrlRules& rules);

}  // namespace auth::token
