// Tokens as texts: what is a JWT, before any key is looked at. Numbers: test/FAULTS.md.
#include "auth/token/jwt.h"

#include <gtest/gtest.h>

#include "auth/token/strict_json.h"
#include "base/encoding.h"
#include "base/seal.h"
#include "support/token_signer.h"

namespace {

using auth::token::Jwt;
using auth::token::parse_jwt;
using test::jws;

const std::string kHeader = R"({"alg":"ES256","typ":"at+jwt","kid":"a"})";
const std::string kPayload = R"({"iss":"https://a.example","sub":"ann"})";

std::string why(const std::string& token) {
  const auto jwt = parse_jwt(token);
  return jwt ? "" : jwt.error().what();
}
std::string why_header(const std::string& header) {
  return why(jws(header, kPayload, "sig"));
}
std::string why_payload(const std::string& payload) {
  return why(jws(kHeader, payload, "sig"));
}

TEST(AccessTokenJwt, TheParts) {
  const std::string token = jws(kHeader, kPayload, "sig");
  auto jwt = parse_jwt(token);
  ASSERT_TRUE(jwt) << jwt.error().what();
  EXPECT_EQ(jwt->algorithm, auth::token::Algorithm::es256);
  EXPECT_EQ(jwt->typ, Jwt::Typ::at_jwt);
  EXPECT_EQ(jwt->kid, "a");
  EXPECT_EQ(jwt->issuer(), "https://a.example");
  EXPECT_EQ(jwt->signature, "sig");
  EXPECT_EQ(jwt->signed_part, token.substr(0, token.rfind('.')));
  EXPECT_EQ(auth::token::unverified_issuer(token), "https://a.example");
  EXPECT_EQ(auth::token::unverified_issuer("opaque"), "");
}

TEST(AccessTokenJwt, Rule19ThreeCanonicalParts) {
  const std::string token = jws(kHeader, kPayload, "sig");
  EXPECT_EQ(why(token), "");
  for (const std::string& bad :
       {std::string(), std::string("."), std::string(".."), token + ".", token + ".c2ln",
        token.substr(0, token.rfind('.')), token.substr(0, token.rfind('.') + 1), token + "=",
        token + "\n", " " + token, "." + token, std::string("e30.e30.c2ln"),
        jws(kHeader, "", "sig"), jws("", kPayload, "sig")})
    EXPECT_NE(why(bad), "") << bad;
  // The last character of a base64 text may have bits that mean nothing: only one form is taken.
  ASSERT_EQ(base::base64url("sig1").back(), 'Q');
  EXPECT_EQ(why(jws(kHeader, kPayload, "sig1")), "");
  std::string other = jws(kHeader, kPayload, "sig1");
  other.back() = 'R';
  EXPECT_NE(why(other), "");
  // The standard alphabet is another one.
  std::string standard = base::base64("{\"alg\":\"ES256\",\"x\":\"\xC3\xBF\xC3\xBF?\"}");
  ASSERT_NE(standard.find_first_of("+/"), std::string::npos);
  EXPECT_NE(why(standard + ".e30.c2ln"), "");
}

TEST(AccessTokenJwt, Rule19SizeAndDepthAndObjects) {
  const std::string filler(14 * 1024, 'a');
  // Bug: the 200 groups that Entra ID lists were too long.
  EXPECT_EQ(why_payload("{\"x\":\"" + filler.substr(0, 200 * 39) + "\"}"), "");
  EXPECT_EQ(why_payload("{\"x\":\"" + filler + "\"}"), "too long");
  for (const char* text : {"[]", "1", "\"a\"", "null", "{", "{}x", "\xEF\xBB\xBF{}"})
    EXPECT_NE(why_payload(text), "") << text;
  EXPECT_EQ(why_payload(R"({"a":[[[[[[[1]]]]]]]})"), "");
  EXPECT_EQ(why_payload(R"({"a":[[[[[[[[1]]]]]]]]})"), "payload: nested too deeply");
  EXPECT_NE(why_payload("{\"a\":" + std::string(200, '[') + std::string(200, ']') + "}"), "");
}

TEST(AccessTokenJwt, Attack21DuplicateMembersAndBrokenText) {
  EXPECT_EQ(why_payload(R"({"sub":"a","sub":"admin"})"), "payload: a member occurs twice");
  EXPECT_EQ(why_payload(R"({"sub":"a","\u0073ub":"admin"})"), "payload: a member occurs twice");
  EXPECT_EQ(why_payload(R"({"x":[{"b":1,"c":2,"b":3}]})"), "payload: a member occurs twice");
  EXPECT_EQ(why_header(R"({"alg":"ES256","alg":"none"})"), "header: a member occurs twice");
  EXPECT_NE(why_payload("{\"sub\":\"\xFF\xFE\"}"), "");
  EXPECT_NE(why_payload("{\"sub\":\"\\ud800\"}"), "");
}

TEST(AccessTokenJwt, Rule20OnlyListedAlgorithms) {
  for (const char* alg :
       {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})
    EXPECT_EQ(why_header(std::string(R"({"alg":")") + alg + "\"}"), "") << alg;
  for (const char* alg : {"ES256K", "RS1", "es256", "ES256 ", "Ed25519", "RSA-OAEP", "dir"})
    EXPECT_NE(why_header(std::string(R"({"alg":")") + alg + "\"}"), "") << alg;
  for (const char* header : {"{}", R"({"alg":null})", R"({"alg":1})", R"({"alg":["ES256"]})"})
    EXPECT_NE(why_header(header), "") << header;
}

TEST(AccessTokenJwt, Attack01NoneIsNoAlgorithm) {
  for (const char* alg : {"none", "None", "nOnE", "NONE", ""}) {
    const std::string header = std::string(R"({"alg":")") + alg + R"(","typ":"at+jwt"})";
    EXPECT_NE(why(jws(header, kPayload, "")), "") << alg;
    EXPECT_NE(why(jws(header, kPayload, "sig")), "") << alg;
  }
  EXPECT_NE(why(jws(kHeader, kPayload, "")), "") << "no signature";
}

TEST(AccessTokenJwt, Rule22AKidIsAShortString) {
  EXPECT_EQ(why_header(R"({"alg":"ES256"})"), "");
  EXPECT_EQ(why_header("{\"alg\":\"ES256\",\"kid\":\"" + std::string(256, 'k') + "\"}"), "");
  EXPECT_NE(why_header("{\"alg\":\"ES256\",\"kid\":\"" + std::string(257, 'k') + "\"}"), "");
  for (const char* kid : {"1", "null", "[\"a\"]", "{}"})
    EXPECT_NE(why_header(std::string(R"({"alg":"ES256","kid":)") + kid + "}"), "") << kid;
}

TEST(AccessTokenJwt, Rule23AndAttack10NoExtensionIsKnown) {
  for (const char* more : {R"("crit":["b64"],"b64":false)", R"("b64":false)", R"("b64":true)",
                           R"("crit":[])", R"("crit":["exp"])", R"("crit":null)"})
    EXPECT_EQ(why_header(std::string(R"({"alg":"ES256",)") + more + "}"),
              "the header has crit or b64")
        << more;
}

TEST(AccessTokenJwt, Rule24TypIsOneOfThree) {
  const auto typ = [](const std::string& value) {
    const auto jwt = parse_jwt(jws(R"({"alg":"ES256","typ":)" + value + "}", kPayload, "sig"));
    return jwt ? std::to_string(static_cast<int>(jwt->typ)) : jwt.error().what();
  };
  for (const char* ours :
       {"\"at+jwt\"", "\"AT+JWT\"", "\"application/at+jwt\"", "\"Application/AT+jwt\""})
    EXPECT_EQ(typ(ours), "2") << ours;
  EXPECT_EQ(typ("\"JWT\""), "1");
  EXPECT_EQ(typ("\"jwt\""), "1");
  // Attack 19: tokens of other kinds.
  for (const char* other : {"\"logout+jwt\"", "\"secevent+jwt\"", "\"dpop+jwt\"", "\"rt+jwt\"",
                            "\"at+jwt+x\"", "\"\"", "1", "null", "[\"at+jwt\"]"})
    EXPECT_EQ(typ(other).substr(0, 20), "the header's typ is ") << other;
}

TEST(AccessTokenJwt, Attack20EncryptedNestedAndDetached) {
  EXPECT_EQ(why("e30.YQ.YQ.YQ.YQ"), "not three parts");
  const std::string inner = jws(kHeader, kPayload, "sig");
  EXPECT_NE(why(jws(R"({"alg":"ES256","cty":"JWT"})", inner, "sig")), "");
  const std::string token = jws(kHeader, kPayload, "sig");
  EXPECT_NE(why(token.substr(0, token.find('.') + 1) + token.substr(token.rfind('.'))), "");
}

TEST(AccessTokenJwt, ReasonsAreFitForALog) {
  EXPECT_EQ(why_header(R"({"alg":"\u001b[31mES256\u0000\n"})"),
            "the header's alg \"?[31mES256??\" is not accepted");
  const std::string reason = why_header("{\"alg\":\"" + std::string(4000, 'x') + "\"}");
  EXPECT_LT(reason.size(), 100U) << reason;
}

}  // namespace
