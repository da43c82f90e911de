// Metadata of issuers, and which URLs are acceptable.
#include "auth/token/metadata.h"

#include <gtest/gtest.h>

namespace {

using auth::token::checked_url;
using auth::token::jwks_uri_of;
using auth::token::metadata_urls;
using auth::token::UrlRules;

TEST(AccessTokenMetadata, WhereItMayBe) {
  const auto urls = metadata_urls("https://a.example/realms/dev/");
  ASSERT_EQ(urls.size(), 2U);
  EXPECT_EQ(urls[0], "https://a.example/realms/dev/.well-known/openid-configuration");
  EXPECT_EQ(urls[1], "https://a.example/.well-known/oauth-authorization-server/realms/dev");
  EXPECT_EQ(metadata_urls("https://a.example")[0],
            "https://a.example/.well-known/openid-configuration");
  EXPECT_EQ(metadata_urls("https://a.example/")[1],
            "https://a.example/.well-known/oauth-authorization-server");
}

TEST(AccessTokenMetadata, Rule52OnlyHttps) {
  EXPECT_TRUE(checked_url("https://a.example/x?y", {}));
  for (const char* bad : {"http://a.example", "http://127.0.0.1:1", "file:///etc/passwd",
                          "ftp://a.example", "a.example", "", "https://", "https://u:p@a.example",
                          "https://a.example#x", "https://a.example/\n", "javascript:1"})
    EXPECT_FALSE(checked_url(bad, {})) << bad;
  EXPECT_FALSE(checked_url("https://a.example/" + std::string(3000, 'a'), {}));
  // The tests' flag is for this machine alone.
  const UrlRules test{.loopback_http = true};
  EXPECT_TRUE(checked_url("http://127.0.0.1:1", test));
  EXPECT_TRUE(checked_url("http://localhost", test));
  EXPECT_FALSE(checked_url("http://a.example", test));
  EXPECT_FALSE(checked_url("http://localhost.a.example", test));
}

TEST(AccessTokenMetadata, Attack24OnlyTheIssuersOwnAndAnHttpsKeySet) {
  const std::string issuer = "https://a.example";
  const auto read = [&](const std::string& text, const UrlRules& rules = {}) {
    const auto uri = jwks_uri_of(text, issuer, rules);
    return uri ? "=" + *uri : uri.error().what();
  };
  EXPECT_EQ(read(R"({"issuer":"https://a.example","jwks_uri":"https://b.example/k?v=1"})"),
            "=https://b.example/k?v=1");
  for (const char* other : {"https://a.example/", "https://A.example", "https://a.example:443",
                            "http://a.example", "", "https://evil.example"})
    EXPECT_EQ(
        read("{\"issuer\":\"" + std::string(other) + R"(","jwks_uri":"https://a.example/k"})"),
        "it is of another issuer, \"" + std::string(other) + "\"");
  for (const char* uri : {"http://a.example/k", "file:///etc/passwd", "", "https://u@a.example/k",
                          "//a.example/k", "/k"})
    EXPECT_EQ(read(R"({"issuer":"https://a.example","jwks_uri":")" + std::string(uri) + "\"}")
                  .substr(0, 10),
              "jwks_uri \"")
        << uri;
  // Not even of this machine, when the issuer itself has https.
  EXPECT_NE(read(R"({"issuer":"https://a.example","jwks_uri":"http://127.0.0.1/k"})",
                 {.loopback_http = true})[0],
            '=');
  for (const char* text : {"", "<html>", "[]", R"({"issuer":["https://a.example"]})",
                           R"({"issuer":"https://a.example"})",
                           R"({"issuer":"x","issuer":"https://a.example","jwks_uri":"https://a"})"})
    EXPECT_NE(read(text)[0], '=') << text;
}

}  // namespace
