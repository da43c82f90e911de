// Keys and what they sign: each algorithm, and signatures that are none.
#include "auth/token/key.h"

#include <gtest/gtest.h>

#include "auth/token/jwk.h"
#include "base/encoding.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/seal.h"
#include "support/token_signer.h"

namespace {

using auth::token::Algorithm;
using auth::token::Key;
using test::Signer;

constexpr char kMessage[] = "header.payload";

Key key_of(const Signer& signer) {
  base::json::Document document;
  auto jwk = auth::token::read_jwk(*document.parse(signer.jwk()));
  EXPECT_TRUE(jwk && *jwk) << (jwk ? "not meant for us" : jwk.error().what());
  return std::move((**jwk).key);
}

bool verifies(const Key& key, std::string_view alg, const std::string& signature) {
  return key.verify(*auth::token::algorithm(alg), kMessage, signature);
}

TEST(AccessTokenKey, EveryAlgorithmAcceptsItsOwnSignatureAndNoOther) {
  const Signer p256 = Signer::ec("P-256"), p384 = Signer::ec("P-384"), p521 = Signer::ec("P-521"),
               ed = Signer::ed25519();
  const auto signer_of = [&](std::string_view alg) -> const Signer& {
    if (alg == "ES256") return p256;
    if (alg == "ES384") return p384;
    if (alg == "ES512") return p521;
    return alg == "EdDSA" ? ed : test::rsa_signer();
  };
  for (const std::string_view alg : auth::token::algorithm_names()) {
    const Signer& signer = signer_of(alg);
    const Key key = key_of(signer);
    const std::string good = signer.sign(alg, kMessage);
    EXPECT_TRUE(verifies(key, alg, good)) << alg;
    EXPECT_FALSE(key.verify(*auth::token::algorithm(alg), "header.payloae", good)) << alg;
    for (const std::string_view other : auth::token::algorithm_names())
      EXPECT_EQ(verifies(key, other, good), other == alg) << other << " for " << alg;
    // Attack 6: each byte counts, and their number.
    for (std::size_t at = 0; at < good.size(); at += 7) {
      std::string changed = good;
      changed[at] = static_cast<char>(changed[at] ^ 1);
      EXPECT_FALSE(verifies(key, alg, changed)) << alg << " at " << at;
    }
    EXPECT_FALSE(verifies(key, alg, good.substr(0, good.size() - 1))) << alg;
    EXPECT_FALSE(verifies(key, alg, good.substr(1))) << alg;
    EXPECT_FALSE(verifies(key, alg, good + '\0')) << alg;
    EXPECT_FALSE(verifies(key, alg, '\0' + good)) << alg;
    EXPECT_FALSE(verifies(key, alg, "")) << alg;
  }
}

// The examples of the RFCs, which other libraries made.
TEST(AccessTokenKey, PublishedSignatures) {
  const auto check = [](const char* jwk_text, const char* alg, const std::string& token) {
    base::json::Document document;
    auto jwk = auth::token::read_jwk(*document.parse(jwk_text));
    EXPECT_TRUE(jwk && *jwk);
    const auto dot = token.rfind('.');
    return (**jwk).key.verify(*auth::token::algorithm(alg), token.substr(0, dot),
                              *base::parse_base64url(token.substr(dot + 1)));
  };
  // RFC 7515, appendix A.3.
  EXPECT_TRUE(check(
      R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
      R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})",
      "ES256",
      "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
      "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djx"
      "La8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"));
  // RFC 8037, appendix A.4.
  EXPECT_TRUE(check(
      R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})", "EdDSA",
      "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PG"
      "cvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"));
}

TEST(AccessTokenKey, Attack02APublicKeyIsNoSecret) {
  const Signer& signer = test::rsa_signer();
  const Key key = key_of(signer);
  for (const std::string& secret : {signer.public_pem(), signer.public_der(), signer.jwk()}) {
    const std::string mac = base::hmac_sha256(secret, kMessage);
    for (const std::string_view alg : auth::token::algorithm_names())
      EXPECT_FALSE(verifies(key, alg, mac)) << alg;
  }
  EXPECT_FALSE(auth::token::algorithm("HS256"));
}

// Attack 6: RFC 8017 sections 8.1.2 and 8.2.2. A signature with a leading zero has two lengths.
TEST(AccessTokenKey, Attack06ASignatureOfRsaHasItsKeysLength) {
  const Key key = key_of(test::rsa_signer());
  std::string signature;
  do {
    signature = test::rsa_signer().sign("PS256", kMessage);  // salted: another each time
  } while (signature.front() != '\0');
  EXPECT_TRUE(verifies(key, "PS256", signature));
  EXPECT_FALSE(verifies(key, "PS256", signature.substr(1)));
}

TEST(AccessTokenKey, Attack05EcSignaturesHaveOneForm) {
  const Signer& signer = test::ec_signer();
  const Key key = key_of(signer);
  const std::string zero(32, '\0');
  // The order of P-256.
  const std::string order = *base::parse_base64("/////wAAAAD//////////7zm+q2nF56E87nKwvxjJVE=");
  ASSERT_EQ(order.size(), 32U);
  const std::string good = signer.sign("ES256", kMessage);
  EXPECT_TRUE(verifies(key, "ES256", good));
  for (const std::string& bad :
       {signer.sign_der("ES256", kMessage), zero + good.substr(32), good.substr(0, 32) + zero,
        zero + zero, order + good.substr(32), good.substr(0, 32) + order,
        std::string(32, '\xFF') + good.substr(32), good + zero,
        '\0' + good.substr(0, 32) + '\0' + good.substr(32)})
    EXPECT_FALSE(verifies(key, "ES256", bad)) << base::base64url(bad);
}

// An operator sees a failed check as a refused token, not as a broken connection later.
TEST(AccessTokenKey, AFailedCheckLeavesNothingBehind) {
  const Key key = key_of(test::rsa_signer());
  EXPECT_FALSE(verifies(key, "RS256", std::string(256, 'x')));
  EXPECT_TRUE(verifies(key, "RS256", test::rsa_signer().sign("RS256", kMessage)));
}

TEST(AccessTokenKey, Rule21WeakAndStrangeKeysAreRefused) {
  const auto why = [](const Signer& signer) {
    base::json::Document document;
    const auto jwk = auth::token::read_jwk(*document.parse(signer.jwk()));
    return jwk ? "" : jwk.error().what();
  };
  EXPECT_EQ(why(Signer::rsa(512)), "an RSA key of 512 bits");
  EXPECT_EQ(why(Signer::rsa(1024)), "an RSA key of 1024 bits");
  EXPECT_EQ(why(Signer::rsa(2047)), "an RSA key of 2047 bits");
  EXPECT_EQ(why(Signer::rsa(2048, 3)), "an RSA key with an unusual exponent");
  const std::string n(256, '\xFF');
  EXPECT_TRUE(Key::rsa(n, std::string_view("\x01\x00\x01", 3)));
  EXPECT_FALSE(Key::rsa(n, std::string_view("\x01\x00\x02", 3))) << "even";
  EXPECT_FALSE(Key::rsa(n, std::string_view("\x01\x00\x00\x00\x01", 5))) << "33 bits";
  EXPECT_FALSE(Key::rsa(n.substr(0, 255) + "\xFE", std::string_view("\x01\x00\x01", 3))) << "even";
  EXPECT_FALSE(Key::rsa(std::string(2048, '\xFF'), std::string_view("\x01\x00\x01", 3)));
  // A point that is not on its curve, and the point at infinity.
  const std::string one(32, '\x01'), zero(32, '\0');
  EXPECT_FALSE(Key::ec(Key::Curve::p256, one, one));
  EXPECT_FALSE(Key::ec(Key::Curve::p256, zero, zero));
  EXPECT_FALSE(Key::ec(Key::Curve::p256, one + "\x01", one));
  EXPECT_FALSE(Key::ed25519(one + "\x01"));
}

}  // namespace
