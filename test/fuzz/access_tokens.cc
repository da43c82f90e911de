// Access tokens, key sets, metadata and settings of issuers: what strangers send before anything is
// known of them. Nothing is accepted that a rule forbids, and each reason is fit for a log.
#include "auth/token/claim_check.h"
#include "auth/token/exchange.h"
#include "auth/token/key_set.h"
#include "auth/token/metadata.h"
#include "base/encoding.h"
#include "base/seal.h"
#include "base/text.h"
#include "base/utf8.h"
#include "fuzz/fuzz.h"

namespace fuzz {

namespace {

namespace token = ::auth::token;

constexpr std::int64_t kNow = 1767225600;  // s since 1970
constexpr std::int64_t kSkew = 30;         // s
constexpr std::string_view kIssuer = "https://a.example";
constexpr std::string_view kAudience = "https://mcp.example/mcp";
// RFC 7515, appendix A.3: its private key is known, its signatures are not made by chance.
constexpr std::string_view kKeys =
    R"({"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
    R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})";

void is_for_a_log(const std::string& text) {
  HOLDS(!text.empty() && text.size() < 1000);
  HOLDS(base::printable(text, 1000) == text);
}

bool is_clean(const std::string& name) {
  return !name.empty() && base::valid_utf8(name) && base::visible(name) == name &&
         name.front() != ' ' && name.back() != ' ' &&
         !base::iequals(std::string_view(name).substr(0, 7), "system:");
}

void holds_of(const token::Claims& claims, const token::IssuerSettings& settings) {
  HOLDS(claims.issuer == settings.issuer && !claims.subject.empty());
  HOLDS(claims.user.starts_with(settings.user_prefix) && is_clean(claims.user));
  HOLDS(claims.user.size() > settings.user_prefix.size());
  HOLDS(claims.expires > kNow - kSkew - 1);
  HOLDS(claims.groups.size() <= 512);
  for (std::size_t i = 0; i < claims.groups.size(); ++i) {
    HOLDS(claims.groups[i].starts_with(settings.groups_prefix) && is_clean(claims.groups[i]));
    HOLDS(i == 0 || claims.groups[i - 1] < claims.groups[i]);
  }
  for (const std::string& scope : claims.scopes)
    HOLDS(!scope.empty() && scope.find(' ') == scope.npos);
}

void try_token(std::string_view text) {
  static const token::KeySet keys = *token::KeySet::parse(kKeys);
  token::IssuerSettings settings = *token::parse_issuer_url(kIssuer);
  const auto jwt = token::parse_jwt(text);
  if (!jwt) return is_for_a_log(jwt.error().what());
  HOLDS(text.size() <= token::kJwtBytes && base::split(text, '.').size() == 3);
  HOLDS(!jwt->signature.empty() && text.starts_with(jwt->signed_part));
  HOLDS(token::unverified_issuer(text) == jwt->issuer());
  HOLDS(keys.verify(*jwt) != token::KeySet::Match::good);
  for (const token::TypRule rule : {token::TypRule::at_jwt, token::TypRule::any}) {
    settings.typ = rule;
    const auto claims = token::check_claims(
        *jwt, settings, {std::string(kAudience), base::seconds(kSkew)}, {kNow * 1'000'000'000});
    if (!claims) {
      is_for_a_log(claims.error().what());
      continue;
    }
    holds_of(*claims, settings);
    HOLDS(rule == token::TypRule::any || jwt->typ == token::Jwt::Typ::at_jwt);
  }
}

}  // namespace

// A token as it is; and one whose header is the first line and whose payload is the rest, because
// no change of a base64 text makes another JSON text.
void jwt(std::string_view input) {
  try_token(input);
  (void)token::unverified_issuer(input);
  const std::string_view header = take_line(input);
  try_token(base::base64url(header) + "." + base::base64url(input) + "." +
            base::base64url(std::string(64, 's')));
}

void jwks(std::string_view input) {
  const auto keys = token::KeySet::parse(input);
  if (!keys) return is_for_a_log(keys.error().what());
  HOLDS(keys->size() <= token::kKeys && keys->notes().size() <= token::kKeyNotes);
  HOLDS(keys->size() > 0 || keys->notes().empty());
  for (const std::string& note : keys->notes())
    is_for_a_log(note);
  HOLDS(keys->same_keys(*token::KeySet::parse(input)));
  const std::string text =
      base::base64url(R"({"alg":"RS256"})") + ".e30." + base::base64url(std::string(256, 's'));
  const auto jwt = token::parse_jwt(text);
  HOLDS(jwt && keys->verify(*jwt) != token::KeySet::Match::good);
}

void metadata(std::string_view input) {
  const auto uri = token::jwks_uri_of(input, kIssuer, {.loopback_http = true});
  if (!uri) return is_for_a_log(uri.error().what());
  HOLDS(uri->starts_with("https://") || base::iequals(uri->substr(0, 8), "https://"));
  HOLDS(token::checked_url(*uri, {}).has_value());
  HOLDS(input.find(kIssuer) != input.npos || input.find('\\') != input.npos);
}

void issuers(std::string_view input) {
  const auto all = token::parse_issuers(input);
  if (!all) return is_for_a_log(all.error().what());
  HOLDS(!all->empty() && all->size() <= token::kIssuers);
  for (const token::IssuerSettings& each : *all) {
    HOLDS(token::checked_url(each.issuer, {}).has_value());
    HOLDS(each.algorithms != 0 && (each.algorithms & ~token::kAllAlgorithms) == 0);
    HOLDS(!each.user_claim.empty() && !each.groups_claim.empty());
    for (const std::string& prefix : {each.user_prefix, each.groups_prefix})
      HOLDS(is_clean(prefix + "x") && !std::string_view("system:").starts_with(prefix));
  }
  (void)token::check_issuers(*all);
}

// An issuer's answer to an exchange, with any status.
void exchanged(std::string_view input) {
  constexpr std::string_view kOwn = "own.token.x";
  for (const int status : {200, 400, 503}) {
    const auto got = token::exchanged_token({.body = std::string(input), .status = status}, kOwn);
    const std::string_view said = token::said_of({.body = std::string(input), .status = status});
    for (const char c : said)
      HOLDS((c >= 'a' && c <= 'z') || c == '_');
    if (!got) {
      is_for_a_log(got.error().what());
      HOLDS(said.empty() == (got.error().code() == base::Errc::unavailable));
      continue;
    }
    HOLDS(status == 200 && said.empty() && got->token != kOwn);
    HOLDS(!got->token.empty() && got->token.size() <= token::kExchangedBytes);
    for (const char c : got->token)
      HOLDS(c > ' ' && c <= '~');
    HOLDS(!got->lifetime || *got->lifetime >= base::Duration::zero());
  }
}

}  // namespace fuzz
