#include "auth/token/jwt.h"

#include <utility>

#include "auth/token/strict_json.h"
#include "base/encoding.h"
#include "base/seal.h"
#include "base/text.h"

namespace auth::token {
namespace {

using base::Errc;
using base::Error;
using base::Result;
using base::json::Document;
using base::json::Type;
using base::json::Value;

Error wrong(std::string what) {
  return Error(Errc::invalid_argument, std::move(what));
}

Result<Value> parse_part(Document& document, std::string_view part, const char* name) {
  const auto text = base::parse_base64url(part);
  if (!text) return wrong(std::string(name) + ": not base64url");
  auto root = parse_strictly(document, *text);
  if (!root) return std::move(root).error().within(name);
  return root;
}

Result<Jwt::Typ> typ_of(Value typ) {
  constexpr std::string_view kMedia = "application/";
  if (!typ.present()) return Jwt::Typ::absent;
  std::string_view word = typ.str();
  if (word.size() > kMedia.size() && base::iequals(word.substr(0, kMedia.size()), kMedia))
    word.remove_prefix(kMedia.size());
  if (base::iequals(word, "at+jwt")) return Jwt::Typ::at_jwt;
  if (base::iequals(word, "JWT")) return Jwt::Typ::jwt;
  return wrong("the header's typ is \"" + base::printable(word, kKeyIdShown) + "\"");
}

Result<void> read_header(Value header, Jwt& jwt) {
  const auto found = algorithm(header["alg"].str());
  if (!found) {
    return wrong("the header's alg \"" + base::printable(header["alg"].str(), kKeyIdShown) +
                 "\" is not accepted");
  }
  jwt.algorithm = *found;
  if (header["crit"].present() || header["b64"].present())
    return wrong("the header has crit or b64");
  auto typ = typ_of(header["typ"]);
  if (!typ) return std::move(typ).error();
  jwt.typ = *typ;
  const Value kid = header["kid"];
  if (!kid.present()) return {};
  if (!kid.is(Type::string)) return wrong("the header's kid is not a string");
  if (kid.str().size() > kKeyIdBytes) return wrong("the header's kid is too long");
  jwt.kid = std::string(kid.str());
  return {};
}

}  // namespace

Result<Jwt> parse_jwt(std::string_view token) {
  if (token.size() > kJwtBytes) return wrong("too long");
  const auto parts = base::split(token, '.');
  if (parts.size() != 3) return wrong("not three parts");
  Jwt jwt;
  Document header;
  auto head = parse_part(header, parts[0], "header");
  if (!head) return std::move(head).error();
  if (auto ok = read_header(*head, jwt); !ok) return std::move(ok).error();
  if (auto ok = parse_part(jwt.payload, parts[1], "payload"); !ok) return std::move(ok).error();
  auto signature = base::parse_base64url(parts[2]);
  if (!signature || signature->empty()) return wrong("no signature in base64url");
  jwt.signature = *std::move(signature);
  jwt.signed_part = token.substr(0, parts[0].size() + 1 + parts[1].size());
  return jwt;
}

std::string unverified_issuer(std::string_view token) {
  if (token.size() > kJwtBytes) return {};
  const auto parts = base::split(token, '.');
  if (parts.size() != 3) return {};
  const auto text = base::parse_base64url(parts[1]);
  if (!text) return {};
  Document payload;
  const auto root = payload.parse(*text);
  return root ? std::string((*root)["iss"].str()) : std::string();
}

}  // namespace auth::token
