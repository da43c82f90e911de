#include "auth/token/jwk.h"

#include <utility>

#include "auth/token/jwt.h"
#include "base/encoding.h"
#include "base/seal.h"

namespace auth::token {
namespace {

using base::Errc;
using base::Error;
using base::Result;
using base::json::Type;
using base::json::Value;

Error broken(const char* what) {
  return Error(Errc::invalid_argument, what);
}

// RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1: what only the owner of a key may have.
bool has_private_part(Value jwk) {
  for (const char* member : {"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
    if (jwk[member].present()) return true;
  return false;
}

bool may_verify(Value jwk) {
  if (const Value use = jwk["use"]; use.present() && use.str() != "sig") return false;
  const Value operations = jwk["key_ops"];
  if (!operations.present()) return true;
  for (const Value each : operations.array())
    if (each.str() == "verify") return true;
  return false;
}

std::optional<std::string> bytes_of(Value jwk, const char* member) {
  auto bytes = base::parse_base64url(jwk[member].str());
  return bytes && !bytes->empty() ? std::move(bytes) : std::nullopt;
}

std::optional<Key::Curve> curve_of(std::string_view name) {
  if (name == "P-256") return Key::Curve::p256;
  if (name == "P-384") return Key::Curve::p384;
  if (name == "P-521") return Key::Curve::p521;
  return std::nullopt;
}

Result<Key> incomplete() {
  return broken("a member that is missing or not base64url");
}

// nullopt: of a type or curve that is not known.
std::optional<Result<Key>> key_of(Value jwk) {
  const std::string_view type = jwk["kty"].str(), curve_name = jwk["crv"].str();
  if (type == "RSA") {
    const auto n = bytes_of(jwk, "n"), e = bytes_of(jwk, "e");
    return n && e ? Key::rsa(*n, *e) : incomplete();
  }
  const auto x = bytes_of(jwk, "x");
  if (type == "EC") {
    const auto curve = curve_of(curve_name);
    if (!curve) return std::nullopt;
    const auto y = bytes_of(jwk, "y");
    return x && y ? Key::ec(*curve, *x, *y) : incomplete();
  }
  if (type == "OKP" && curve_name == "Ed25519") return x ? Key::ed25519(*x) : incomplete();
  return std::nullopt;
}

}  // namespace

Result<std::optional<Jwk>> read_jwk(Value jwk) {
  if (!jwk.is(Type::object)) return broken("not an object");
  if (has_private_part(jwk)) return broken("published with its private part");
  if (!may_verify(jwk)) return std::optional<Jwk>();
  const Value alg = jwk["alg"], kid = jwk["kid"];
  if (kid.present() && (!kid.is(Type::string) || kid.str().size() > kKeyIdBytes))
    return broken("a kid that is no name");
  const auto only = algorithm(alg.str());
  if (alg.present() && !only) return std::optional<Jwk>();
  auto key = key_of(jwk);
  if (!key) return std::optional<Jwk>();
  if (!*key) return std::move(*key).error();
  AlgorithmSet algorithms = (*key)->algorithms();
  if (only) algorithms &= bit(*only);
  if (algorithms == 0) return broken("an alg that is not of its type");
  std::optional<std::string> id;
  if (kid.present()) id = std::string(kid.str());
  return std::optional<Jwk>(Jwk{std::move(id), algorithms, std::move(**key)});
}

}  // namespace auth::token
