// Jwk: one member of a JWK Set (RFC 7517 section 4, RFC 7518 section 6, RFC 8037 section 2).
#pragma once

#include <optional>
#include <string>

#include "auth/token/key.h"
#include "base/error.h"
#include "base/json.h"

namespace auth::token {

struct Jwk {
  std::optional<std::string> id;
  AlgorithmSet algorithms;  // that it may be used with: those of its type, or its alg alone
  Key key;
};

// nullopt: a key that is not meant for signatures that we know. Errc::invalid_argument: a broken
// one, and why.
base::Result<std::optional<Jwk>> read_jwk(base::json::Value jwk);

}  // namespace auth::token
