// JWK Sets: which keys are taken, which are left out, and which key a token is tried with.
#include "auth/token/key_set.h"

#include <gtest/gtest.h>

#include "support/token_signer.h"

namespace {

using auth::token::KeySet;
using test::ec_signer;
using test::jwks;
using test::rsa_signer;
using Match = auth::token::KeySet::Match;

const std::string kPayload = R"({"iss":"i"})";

std::string token(const test::Signer& signer, const std::string& alg, const std::string& kid) {
  return signer.token(
      alg, "{\"alg\":\"" + alg + "\"" + (kid.empty() ? "" : ",\"kid\":\"" + kid + "\"") + "}",
      kPayload);
}
Match match(const KeySet& set, const std::string& text) {
  auto jwt = auth::token::parse_jwt(text);
  EXPECT_TRUE(jwt) << jwt.error().what();
  return set.verify(*jwt);
}
Match match(const std::string& set, const std::string& text) {
  auto keys = KeySet::parse(set);
  EXPECT_TRUE(keys) << keys.error().what();
  return match(*keys, text);
}
// Usable keys, and why others are not; or why it is no set.
std::string read(const std::string& set) {
  const auto keys = KeySet::parse(set);
  if (!keys) return keys.error().what();
  std::string out = std::to_string(keys->size());
  for (const std::string& note : keys->notes())
    out += "; " + note;
  return out;
}

TEST(AccessTokenKeySet, AKidNamesItsKey) {
  const test::Signer other = test::Signer::ec("P-256");
  const std::string set = jwks({ec_signer().jwk(R"("kid":"a")"), other.jwk(R"("kid":"b")")});
  EXPECT_EQ(match(set, token(ec_signer(), "ES256", "a")), Match::good);
  EXPECT_EQ(match(set, token(ec_signer(), "ES256", "b")), Match::bad) << "the other's name";
  EXPECT_EQ(match(set, token(ec_signer(), "ES256", "A")), Match::unknown);
  EXPECT_EQ(match(set, token(ec_signer(), "ES256", "c")), Match::unknown);
  EXPECT_EQ(match(jwks({}), token(ec_signer(), "ES256", "a")), Match::unknown);
}

// RFC 7515 section 4.1.4: a kid is optional.
TEST(AccessTokenKeySet, ATokenWithoutAKidIsTriedWithTheKeysThatFit) {
  const test::Signer other = test::Signer::ec("P-256");
  const std::string set =
      jwks({rsa_signer().jwk(R"("kid":"r")"), other.jwk(), ec_signer().jwk(R"("kid":"a")")});
  EXPECT_EQ(match(set, token(ec_signer(), "ES256", "")), Match::good);
  EXPECT_EQ(match(set, token(test::Signer::ec("P-256"), "ES256", "")), Match::bad);
  EXPECT_EQ(match(set, token(test::Signer::ec("P-384"), "ES384", "")), Match::unknown);
  EXPECT_EQ(match(set, token(ec_signer(), "ES256", "b")), Match::unknown)
      << "a key without a name has no name";
  // A few are tried, not all.
  const std::string many =
      jwks({other.jwk(), other.jwk(), other.jwk(), other.jwk(), ec_signer().jwk()});
  EXPECT_EQ(match(many, token(ec_signer(), "ES256", "")), Match::bad);
}

// RFC 7517 section 4.5: keys of different types may share a kid.
TEST(AccessTokenKeySet, KeysOfOneNameAreToldApartByAlgorithm) {
  const std::string set = jwks({rsa_signer().jwk(R"("kid":"a")"), ec_signer().jwk(R"("kid":"a")")});
  EXPECT_EQ(match(set, token(ec_signer(), "ES256", "a")), Match::good);
  EXPECT_EQ(match(set, token(rsa_signer(), "PS384", "a")), Match::good);
}

TEST(AccessTokenKeySet, Attack03AlgorithmAndKeyMustFit) {
  const std::string set = jwks({rsa_signer().jwk(R"("kid":"r")"), ec_signer().jwk(R"("kid":"e")")});
  const auto forged = [](const std::string& header, const test::Signer& signer,
                         const std::string& alg) { return signer.token(alg, header, kPayload); };
  EXPECT_EQ(match(set, forged(R"({"alg":"RS256","kid":"r"})", ec_signer(), "ES256")), Match::bad);
  EXPECT_EQ(match(set, forged(R"({"alg":"RS256","kid":"e"})", ec_signer(), "ES256")), Match::bad);
  EXPECT_EQ(match(set, forged(R"({"alg":"ES256","kid":"r"})", ec_signer(), "ES256")), Match::bad);
  EXPECT_EQ(match(set, forged(R"({"alg":"ES256","kid":"r"})", rsa_signer(), "RS256")), Match::bad);
  EXPECT_EQ(match(set, forged(R"({"alg":"ES384","kid":"e"})", ec_signer(), "ES384")), Match::bad);
}

TEST(AccessTokenKeySet, Attack04AnAlgOfTheKeyIsItsOnlyOne) {
  const std::string set = jwks({rsa_signer().jwk(R"("kid":"r","alg":"RS256")")});
  EXPECT_EQ(match(set, token(rsa_signer(), "RS256", "r")), Match::good);
  EXPECT_EQ(match(set, token(rsa_signer(), "PS256", "r")), Match::bad);
  EXPECT_EQ(match(set, token(rsa_signer(), "RS512", "r")), Match::bad);
  EXPECT_EQ(match(set, token(rsa_signer(), "PS256", "")), Match::unknown);
}

TEST(AccessTokenKeySet, Rule21KeysForOtherUsesAreLeftOut) {
  const std::string good = ec_signer().jwk(R"("kid":"a","use":"sig","key_ops":["verify"])");
  EXPECT_EQ(read(jwks({good})), "1");
  for (const char* more : {R"("use":"enc")", R"("use":1)", R"("key_ops":["encrypt"])",
                           R"("key_ops":[])", R"("key_ops":"verify")", R"("alg":"ECDH-ES")",
                           R"("alg":"HS256")", R"("alg":"none")", R"("alg":256)"})
    EXPECT_EQ(read(jwks({good, ec_signer().jwk(more)})), "1") << more;
  for (const char* key :
       {R"({"kty":"AKP","alg":"ML-DSA-44","pub":"AAAA"})",
        R"({"kty":"OKP","crv":"X25519","x":"AAAA"})",
        R"({"kty":"EC","crv":"secp256k1","x":"AAAA","y":"AAAA"})", R"({"kty":"rsa"})", R"({})"})
    EXPECT_EQ(read(jwks({good, key})), "1") << key;
  // An alg of another type.
  EXPECT_EQ(read(jwks({good, ec_signer().jwk(R"("kid":"x","alg":"RS256")")})),
            R"(1; key "x": an alg that is not of its type)");
}

TEST(AccessTokenKeySet, Attack23BrokenKeysAreLeftOutWithANote) {
  const std::string good = ec_signer().jwk(R"("kid":"a")");
  EXPECT_EQ(read(jwks({good, test::Signer::rsa(512).jwk(R"("kid":"w")")})),
            R"(1; key "w": an RSA key of 512 bits)");
  EXPECT_EQ(read(jwks({good, rsa_signer().private_jwk()})),
            R"(1; key "": published with its private part)");
  EXPECT_EQ(read(jwks({good, R"({"kty":"oct","kid":"s","k":"c2VjcmV0"})"})),
            R"(1; key "s": published with its private part)");
  const std::string off = R"({"kty":"EC","crv":"P-256","kid":"o","x":")" + std::string(43, 'A') +
                          R"(","y":")" + std::string(43, 'A') + "\"}";
  EXPECT_EQ(read(jwks({good, off})), R"(1; key "o": a point that is not on P-256)");
  EXPECT_EQ(read(jwks({good, R"({"kty":"RSA","kid":"i","n":"AQAB"})"})),
            R"(1; key "i": a member that is missing or not base64url)");
  EXPECT_EQ(read(jwks({good, R"({"kty":"RSA","kid":7,"n":"AQAB","e":"AQAB"})"})),
            R"(1; key "": a kid that is no name)");
  EXPECT_EQ(read(jwks({good, "7"})), R"(1; key "": not an object)");
  EXPECT_EQ(read(jwks({good, R"({"kty":"oct","kid":"\u001b[2J","k":"x"})"})),
            R"(1; key "?[2J": published with its private part)");
}

TEST(AccessTokenKeySet, Attack23WhatIsNoSet) {
  EXPECT_EQ(read(jwks({})), "0") << "an issuer that has withdrawn all its keys";
  EXPECT_EQ(read(jwks({R"({"kty":"AKP"})"})), "0");
  EXPECT_EQ(read(jwks({test::Signer::rsa(1024).jwk(R"("kid":"w")")})),
            R"(none of its keys is usable: key "w": an RSA key of 1024 bits)");
  for (const char* text :
       {"", "<html>", "[]", "{}", R"({"keys":{}})", R"({"keys":[],"keys":[]})", R"({"keys":null})"})
    EXPECT_NE(read(text).find_first_not_of("0123456789"), std::string::npos) << text;
  std::string many = "{\"keys\":[{}";
  for (int i = 1; i < 64; ++i)
    many += ",{}";
  EXPECT_EQ(read(many + "]}"), "0");
  EXPECT_EQ(read(many + ",{}]}"), "it has more than 64 keys");
  std::string flood = "{\"keys\":[";
  for (int i = 0; i < 100000; ++i)
    flood += "1,";
  EXPECT_EQ(read(flood + "1]}"), "too many values");
}

TEST(AccessTokenKeySet, TheSameKeysInAnotherOrderAreTheSame) {
  const auto set = [](std::initializer_list<std::string> keys) {
    return *KeySet::parse(jwks(keys));
  };
  const std::string a = ec_signer().jwk(R"("kid":"a")"), b = rsa_signer().jwk(R"("kid":"b")");
  EXPECT_TRUE(set({a, b}).same_keys(set({b, a})));
  EXPECT_TRUE(set({a}).same_keys(set({a, R"({"kty":"AKP"})"})));
  EXPECT_FALSE(set({a, b}).same_keys(set({a})));
  EXPECT_FALSE(set({a}).same_keys(set({ec_signer().jwk(R"("kid":"c")")})));
}

}  // namespace
