// IssuerSettings: one issuer whose access tokens are accepted, and how its claims become a
// Kubernetes user. Comes from `--oauth-issuer URL`, or from a file:
//
//   issuers:
//     - issuer: https://login.example.com/realms/dev  # as its tokens say it, byte for byte
//       audiences: [k0rdent]          # besides the server's own URL
//       caFile: /etc/ssl/issuer.pem   # default: the system's authorities
//       jwksUri: https://…            # default: what the issuer's metadata says
//       algorithms: [ES256, RS256]    # default: all that are known (algorithm.h)
//       typ: any                      # at+jwt (default), or any: JWT and no typ, too
//       claims:
//         user: {claim: sub, prefix: "oidc:"}       # the defaults
//         groups: {claim: groups, prefix: "oidc:"}  # a list names a path: [realm_access, roles]
//         uid: sub                    # default: none
//         scopes: scp                 # default: scope, else scp
//         extra: {example.com/tenant: tid}
//       exchange:                     # its tokens are exchanged for the API server's (exchange.h)
//         clientId: k0rdent-mcp
//         clientSecretFile: /etc/k0rdent-mcp/issuer-secret
//         audience: kubernetes        # for which the API server takes tokens
//         scope: openid               # default: none is asked for
//         tokenEndpoint: https://…    # default: what the issuer's metadata says
//
// Refused, beside what is not known:
//   an empty prefix, or one with which a claim could make a name of "system:"
//   a user's prefix that begins as the names of callers without tokens (own_names.h)
//   two issuers where one prefix begins with the other: ann of the one could be ann of the other
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/token/algorithm.h"
#include "auth/token/metadata.h"
#include "base/error.h"

namespace auth::token {

constexpr std::size_t kIssuersFileBytes = 64 * 1024;  // 16 issuers with everything need a tenth
constexpr std::size_t kIssuers = 16;                  // each keeps a key set, and fetches it again
constexpr std::size_t kAudiences = 16;                // of one issuer
constexpr std::size_t kClaimPath = 8;       // names in a path; a payload is not nested deeper
constexpr std::size_t kExtraClaims = 16;    // each is a header of each request to the API server
constexpr std::size_t kSettingBytes = 512;  // a text
constexpr std::string_view kDefaultPrefix = "oidc:";

enum class TypRule : unsigned char {
  at_jwt,  // RFC 9068: at+jwt or application/at+jwt
  any,     // JWT and none, too: Keycloak, Entra ID
};

using ClaimPath = std::vector<std::string>;  // from the payload inwards; empty: no claim

// How the issuer is asked for a token that the API server takes (RFC 8693).
struct ExchangeSettings {
  std::string client_id, secret_file, audience;
  std::string scope = {};     // "": none is asked for
  std::string endpoint = {};  // "": from the issuer's metadata
};

struct IssuerSettings {
  std::string issuer;
  std::vector<std::string> audiences = {};
  std::string ca_file = {};   // "": the system's authorities
  std::string jwks_uri = {};  // "": from the issuer's metadata
  AlgorithmSet algorithms = kAllAlgorithms;
  TypRule typ = TypRule::at_jwt;
  ClaimPath user_claim = {"sub"}, groups_claim = {"groups"}, uid_claim = {};
  std::string user_prefix = std::string(kDefaultPrefix);
  std::string groups_prefix = std::string(kDefaultPrefix);
  ClaimPath scopes_claim = {};  // empty: scope, else scp
  std::vector<std::pair<std::string, ClaimPath>> extra = {};
  std::optional<ExchangeSettings> exchange = {};
};

// The file's issuers. Errors name the line and the nearest word: "line 3: unknown key "audience";
// did you mean audiences?".
base::Result<std::vector<IssuerSettings>> parse_issuers(std::string_view yaml,
                                                        const UrlRules& rules = {});
// An issuer with the defaults. Errors: what is required, "must be an https:// URL …".
base::Result<IssuerSettings> parse_issuer_url(std::string_view url, const UrlRules& rules = {});
// What must hold between issuers, from the file and from flags together. Requires: each was parsed
// by one of the above.
base::Result<void> check_issuers(const std::vector<IssuerSettings>& issuers);

}  // namespace auth::token
