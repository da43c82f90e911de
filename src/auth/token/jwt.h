// Jwt: the parts of a token in JWS compact form (RFC 7515 section 7.1), before anything in it is
// believed.
//
//   refused here                                      because
//   not three parts, padding, other base64url forms   RFC 7515 sections 2 and 5.2; five parts are JWE
//   header or payload that parse_strictly() refuses   one text, one meaning
//   an alg that algorithm.h does not have             RFC 8725 sections 3.1 and 3.2: none, HS256
//   crit, b64                                         RFC 7515 section 4.1.11: no extension is known
//   a kid that is no text, or too long                it is compared with names, and used for nothing
//   a typ other than at+jwt and JWT, e.g. logout+jwt  RFC 8725 section 3.11
//
// jku, jwk, x5u and x5c, which offer a key along with the token, are not read.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "auth/token/algorithm.h"
#include "base/error.h"
#include "base/json.h"

namespace auth::token {

// As long as a bearer token may be (auth/bearer.h).
constexpr std::size_t kJwtBytes = 14 * 1024;
// A thumbprint has 43, a URL some more.
constexpr std::size_t kKeyIdBytes = 256;
constexpr std::size_t kKeyIdShown = 40;  // in a log line

struct Jwt {
  // The header's typ, without "application/", in any case.
  enum class Typ : unsigned char { absent, jwt, at_jwt };
  Algorithm algorithm{};
  Typ typ = Typ::absent;
  std::optional<std::string> kid = {};
  std::string_view signed_part = {};  // of the token, which must remain live
  std::string signature = {};         // decoded; not empty
  base::json::Document payload = {};
  std::string_view issuer() const { return payload.root()["iss"].str(); }  // unverified
};

// Errc::invalid_argument: a line for the log, which quotes at most the kid or a name, printable.
base::Result<Jwt> parse_jwt(std::string_view token);

// The iss of a token that looks like a JWT; "" otherwise. Believes nothing and checks little.
std::string unverified_issuer(std::string_view token);

}  // namespace auth::token
