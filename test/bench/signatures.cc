// What the check of an access token costs, without the network: its text, its signature, its
// claims. usage: signatures [ROUNDS]
// Prints "ALGORITHM NANOSECONDS" for good tokens of four kinds of key, "invalid NANOSECONDS" for a
// token of an ES256 key that was changed after signing, "junk NANOSECONDS" for 8 KiB of members of
// which one occurs twice. Processor time.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>

#include "auth/token/claim_check.h"
#include "auth/token/key_set.h"
#include "support/token_signer.h"

namespace {

constexpr base::WallTime kNow{1'767'225'600'000'000'000};
constexpr char kPayload[] =
    R"({"iss":"https://a.example","aud":["https://mcp.example/mcp"],"sub":"ann","exp":1767226200,)"
    R"("iat":1767225600,"nbf":1767225600,"jti":"0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",)"
    R"("client_id":"inspector","scope":"k0rdent:read k0rdent:logs k0rdent:write",)"
    R"("groups":["dev","ops","platform","on-call","release-managers"]})";

double cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

bool accepted(const std::string& token, const auth::token::KeySet& keys) {
  static const auto settings = *auth::token::parse_issuer_url("https://a.example");
  const auto jwt = auth::token::parse_jwt(token);
  if (!jwt || keys.verify(*jwt) != auth::token::KeySet::Match::good) return false;
  return auth::token::check_claims(*jwt, settings, {"https://mcp.example/mcp", base::seconds(30)},
                                   kNow)
      .has_value();
}

void measure(const char* name, const std::string& token, const auth::token::KeySet& keys, bool good,
             int rounds) {
  int as_wanted = 0;
  const double start = cpu_seconds();
  for (int i = 0; i < rounds; ++i)
    as_wanted += accepted(token, keys) == good;
  const double each = (cpu_seconds() - start) / rounds;
  if (as_wanted != rounds) std::exit(1);
  std::printf("%s %.0f\n", name, each * 1e9);
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 5000;
  const test::Signer ed = test::Signer::ed25519(), p384 = test::Signer::ec("P-384");
  const auto keys = *auth::token::KeySet::parse(
      test::jwks({test::ec_signer().jwk(), test::rsa_signer().jwk(), ed.jwk(), p384.jwk()}));
  const auto token = [](const test::Signer& signer, const std::string& alg) {
    return signer.token(alg, R"({"alg":")" + alg + R"(","typ":"at+jwt"})", kPayload);
  };
  const std::string es256 = token(test::ec_signer(), "ES256");
  measure("ES256", es256, keys, true, rounds);
  measure("RS256", token(test::rsa_signer(), "RS256"), keys, true, rounds);
  measure("EdDSA", token(ed, "EdDSA"), keys, true, rounds);
  measure("ES384", token(p384, "ES384"), keys, true, rounds / 5);
  std::string changed = es256;
  changed[changed.rfind('.') + 5] = changed[changed.rfind('.') + 5] == 'A' ? 'B' : 'A';
  measure("invalid", changed, keys, false, rounds);
  std::string members = "{\"a\":0";
  for (int i = 0; members.size() < 5900; ++i)
    members += ",\"" + std::to_string(i) + "\":0";
  measure("junk", test::jws(R"({"alg":"ES256"})", members + ",\"7\":0}", "s"), keys, false, rounds);
}
