// What must hold of a token's claims once its signature is known to be its issuer's (RFC 9068
// section 4, RFC 7519 section 4.1).
//
//   iss          the issuer's, byte for byte
//   typ          at+jwt; with TypRule::any also JWT and none, but then neither an ID token (nonce,
//                at_hash, c_hash, s_hash), nor what says of itself that it is another kind of token
//                (typ of Keycloak, token_use of Cognito, events of RFC 8417)
//   aud          the server's URL or one of the issuer's further audiences is in it, byte for byte; to a
//                URL without a path clients add a slash
//   exp          required; now < exp + skew
//   nbf, iat     if they are there: not later than now + skew
//   sub          required, not empty
//   cnf          absent: a token that is bound to a key (RFC 7800) is worth nothing without proof of
//                that key, which is not asked for here
//
// Times are numbers from 0 to the year 9999, with fractions or without; those
// after kLatestEnd are taken for it.
#pragma once

#include <string>

#include "auth/token/claims.h"
#include "auth/token/issuer_settings.h"
#include "auth/token/jwt.h"
#include "base/error.h"
#include "base/time.h"

namespace auth::token {

struct ClaimRules {
  std::string audience;  // the server's URL
  base::Duration skew{};
};

// Requires: the signature of `jwt` is of a key of this issuer. Errors are printable: unauthorized, for
// the log; forbidden, last of all, for a good token whose user cannot be taken (identity_claims.h).
base::Result<Claims> check_claims(const Jwt& jwt, const IssuerSettings& settings,
                                  const ClaimRules& rules, base::WallTime now);

}  // namespace auth::token
