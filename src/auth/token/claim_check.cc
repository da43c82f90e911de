#include "auth/token/claim_check.h"

#include <algorithm>
#include <utility>

#include "auth/token/identity_claims.h"

namespace auth::token {
namespace {

using base::Errc;
using base::Error;
using base::Result;
using base::json::Type;
using base::json::Value;

Error wrong(std::string what) {
  return Error(Errc::unauthorized, std::move(what));
}

// Seconds since 1970. Later times than kLatestEnd are taken for it.
std::optional<double> time_of(Value claim) {
  constexpr double kYear9999 = 253402300799;
  const auto seconds = claim.as_double();
  if (!seconds || !(*seconds >= 0) || *seconds > kYear9999) return std::nullopt;
  return std::min(*seconds, kLatestEnd);
}

Result<void> check_kind(const Jwt& jwt, TypRule rule) {
  const Value payload = jwt.payload.root();
  if (payload["cnf"].present()) return wrong("it is bound to a key (cnf)");
  if (jwt.typ == Jwt::Typ::at_jwt) return {};
  if (rule != TypRule::any) return wrong("its typ is not at+jwt");
  if (payload["events"].present()) return wrong("a security event, not an access token");
  const Value use = payload["token_use"], own_typ = payload["typ"];
  if (use.present() && use.str() != "access") return wrong("its token_use is not access");
  // Keycloak's access tokens say Bearer; they had a nonce, too, before its version 25.
  if (own_typ.present())
    return own_typ.str() == "Bearer" ? Result<void>() : wrong("its claim typ is not Bearer");
  for (const char* claim : {"nonce", "at_hash", "c_hash", "s_hash"})
    if (payload[claim].present()) return wrong("an ID token, by its " + std::string(claim));
  return {};
}

// Is it the URL, which has no path, with a slash?
bool is_root_of(std::string_view one, std::string_view url) {
  const std::size_t host = url.find("://");
  return host != url.npos && url.find('/', host + 3) == url.npos && one.ends_with('/') &&
         one.substr(0, one.size() - 1) == url;
}

Result<void> check_audience(Value aud, const IssuerSettings& settings, const ClaimRules& rules) {
  const auto ours = [&](std::string_view one) {
    return one == rules.audience || is_root_of(one, rules.audience) ||
           std::find(settings.audiences.begin(), settings.audiences.end(), one) !=
               settings.audiences.end();
  };
  if (aud.is(Type::string)) return ours(aud.str()) ? Result<void>() : wrong("not for our audience");
  if (!aud.is(Type::array)) return wrong("it has no audience");
  bool found = false;
  for (const Value each : aud.array()) {
    if (!each.is(Type::string)) return wrong("an audience is not a string");
    found = found || ours(each.str());
  }
  return found ? Result<void>() : wrong("not for our audience");
}

// Returns exp.
Result<double> check_times(Value payload, base::Duration skew, base::WallTime now) {
  const double at = static_cast<double>(now.ns) / 1e9,
               leeway = static_cast<double>(skew.count()) / 1e9;
  const auto exp = time_of(payload["exp"]);
  if (!exp) return wrong("it has no usable exp");
  if (at >= *exp + leeway) return wrong("it has expired");
  for (const char* claim : {"nbf", "iat"}) {
    const Value value = payload[claim];
    if (!value.present()) continue;
    const auto begins = time_of(value);
    if (!begins) return wrong(std::string("it has no usable ") + claim);
    if (*begins > at + leeway) return wrong(std::string("its ") + claim + " is in the future");
  }
  return *exp;
}

}  // namespace

Result<Claims> check_claims(const Jwt& jwt, const IssuerSettings& settings, const ClaimRules& rules,
                            base::WallTime now) {
  const Value payload = jwt.payload.root();
  if (jwt.issuer() != settings.issuer) return wrong("it is of another issuer");
  if (auto ok = check_kind(jwt, settings.typ); !ok) return std::move(ok).error();
  if (auto ok = check_audience(payload["aud"], settings, rules); !ok) return std::move(ok).error();
  auto exp = check_times(payload, rules.skew, now);
  if (!exp) return std::move(exp).error();
  Claims claims;
  claims.issuer = settings.issuer;
  claims.subject = payload["sub"].str();
  if (claims.subject.empty()) return wrong("it has no sub");
  claims.expires = static_cast<std::int64_t>(*exp);
  const Value client = payload["client_id"];
  claims.client_id = client.present() ? client.str() : payload["azp"].str();
  claims.token_id = payload["jti"].str();
  if (auto ok = read_identity(payload, settings, claims); !ok) return std::move(ok).error();
  return claims;
}

}  // namespace auth::token
