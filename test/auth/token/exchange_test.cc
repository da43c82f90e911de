// What is asked of an issuer that exchanges tokens, and what its answers mean.
#include "auth/token/exchange.h"

#include <gtest/gtest.h>

namespace {

using auth::token::exchanged_token;
using auth::token::ExchangeSettings;
using auth::token::FetchedDocument;
using base::Errc;

constexpr const char* kGood =
    R"({"access_token":"x.y.z","issued_token_type":"urn:ietf:params:oauth:token-type:access_token",)"
    R"("token_type":"Bearer","expires_in":300})";

auto answer(std::string body, int status = 200) {
  return exchanged_token(FetchedDocument{.body = std::move(body), .status = status}, "mine.a.b");
}
Errc code(std::string body, int status = 200) {
  const auto got = answer(std::move(body), status);
  return got ? Errc::internal : got.error().code();
}

TEST(ExchangeForm, NamesTheTokenItsTypeAndTheAudience) {
  const ExchangeSettings settings{
      .client_id = "c", .secret_file = "f", .audience = "https://k8s/a b"};
  EXPECT_EQ(auth::token::exchange_form(settings, "a.b+c"),
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange"
            "&subject_token=a.b%2Bc"
            "&subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token"
            "&requested_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token"
            "&audience=https%3A%2F%2Fk8s%2Fa%20b");
  ExchangeSettings more = settings;
  more.scope = "openid groups";
  EXPECT_TRUE(auth::token::exchange_form(more, "t").ends_with("&scope=openid%20groups"));
}

TEST(ExchangedToken, IsWhatAGoodAnswerHas) {
  const auto got = answer(kGood);
  ASSERT_TRUE(got.has_value()) << got.error().what();
  EXPECT_EQ(got->token, "x.y.z");
  EXPECT_EQ(got->lifetime, base::minutes(5));
  const auto least = answer(R"({"access_token":"x","token_type":"bearer"})");
  ASSERT_TRUE(least.has_value());
  EXPECT_FALSE(least->lifetime.has_value());
}

TEST(ExchangedToken, AnAnswerThatIsNoneMayBeTriedAgain) {
  const std::string huge(auth::token::kExchangedBytes + 1, 'x');
  for (const std::string& bad :
       {std::string(), std::string("<html>"), std::string("[]"), std::string("{}"),
        std::string(R"({"access_token":"","token_type":"Bearer"})"),
        std::string(R"({"access_token":"x"})"),
        std::string(R"({"access_token":"x","token_type":"N_A"})"),
        std::string(R"({"access_token":"x","token_type":"DPoP"})"),
        std::string(R"({"access_token":"x y","token_type":"Bearer"})"),
        std::string(R"({"access_token":"x\r\nImpersonate-User: root","token_type":"Bearer"})"),
        std::string(R"({"access_token":7,"token_type":"Bearer"})"),
        std::string(R"({"access_token":"x","token_type":"Bearer","expires_in":0})"),
        std::string(R"({"access_token":"x","token_type":"Bearer","expires_in":-5})"),
        std::string(R"({"access_token":"x","access_token":"y","token_type":"Bearer"})"),
        std::string(R"({"access_token":"x","token_type":"Bearer","issued_token_type":)"
                    R"("urn:ietf:params:oauth:token-type:refresh_token"})"),
        R"({"token_type":"Bearer","access_token":")" + huge + "\"}"})
    EXPECT_EQ(code(bad), Errc::unavailable) << bad.substr(0, 100);
}

TEST(ExchangedToken, ALongLifeIsNoOverflow) {
  const auto got = answer(R"({"access_token":"x","token_type":"Bearer","expires_in":1e300})");
  ASSERT_TRUE(got.has_value());
  EXPECT_GT(got->lifetime, base::hours(24));
}

TEST(ExchangedToken, IsNeverTheCallersOwn) {
  const auto got = answer(R"({"access_token":"mine.a.b","token_type":"Bearer"})");
  ASSERT_FALSE(got.has_value());
  EXPECT_NE(got.error().what().find("the caller's own token"), std::string::npos);
  EXPECT_EQ(got.error().what().find("mine.a.b"), std::string::npos) << "and no text has it";
}

TEST(ExchangedToken, ARefusalIsTheTokensTheCallersOrOurs) {
  struct Row {
    const char* error;
    int status;
    Errc code;
  };
  for (const Row& row :
       {Row{"invalid_grant", 400, Errc::unauthorized},
        Row{"invalid_request", 400, Errc::unauthorized}, Row{"access_denied", 403, Errc::forbidden},
        Row{"invalid_target", 400, Errc::forbidden}, Row{"invalid_scope", 400, Errc::forbidden},
        Row{"invalid_client", 401, Errc::unavailable},
        Row{"unauthorized_client", 400, Errc::unavailable},
        Row{"unsupported_grant_type", 400, Errc::unavailable},
        Row{"slow_down", 429, Errc::unavailable}, Row{"access_denied", 429, Errc::unavailable},
        Row{"invalid_grant", 500, Errc::unavailable}}) {
    const std::string body =
        std::string(R"({"error":")") + row.error + R"(","error_description":"a\u001b[31mb"})";
    const auto got = answer(body, row.status);
    ASSERT_FALSE(got.has_value());
    EXPECT_EQ(got.error().code(), row.code) << row.error;
    const std::string_view said = auth::token::said_of({.body = body, .status = row.status});
    EXPECT_EQ(said, row.code == Errc::unavailable ? "" : row.error) << "what the caller may read";
    EXPECT_NE(got.error().what().find(row.error), std::string::npos);
    EXPECT_EQ(got.error().what().find('\x1b'), std::string::npos) << "printable";
  }
  EXPECT_EQ(code("<html>", 401), Errc::unavailable) << "a proxy's page is no verdict";
  EXPECT_EQ(code("", 404), Errc::unavailable);
}

}  // namespace
