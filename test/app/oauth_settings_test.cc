// The settings of AUTH_MODE=OAUTH: what is missing is said at the start.
#include <map>

#include <gtest/gtest.h>

#include "app/settings.h"
#include "support/temp_dir.h"

namespace {

constexpr const char* kUrl = "https://mcp.example/mcp";
constexpr const char* kIssuer = "https://login.example";

std::map<std::string, std::string> variables;
const char* from_variables(const char* name) {
  const auto at = variables.find(name);
  return at == variables.end() ? nullptr : at->second.c_str();
}

base::Result<app::Settings> parse(std::vector<std::string> args) {
  return app::parse_settings(args, from_variables, false);
}
std::string error(std::vector<std::string> args) {
  const auto settings = parse(std::move(args));
  return settings ? "" : settings.error().what();
}
std::vector<std::string> oauth(std::vector<std::string> more) {
  std::vector<std::string> out{"--auth-mode", "OAUTH", "--public-url", kUrl};
  out.insert(out.end(), more.begin(), more.end());
  return out;
}
bool has(std::string_view text, std::string_view part) {
  return text.find(part) != text.npos;
}

TEST(OAuthSettings, AUrlAndSomeTokensAreNeeded) {
  EXPECT_TRUE(
      has(error({"--auth-mode", "OAUTH", "--oauth-issuer", kIssuer}), "needs --public-url"));
  EXPECT_TRUE(has(error(oauth({})), "needs --oauth-issuer"));
  EXPECT_TRUE(has(error(oauth({"--oauth-service-accounts=off"})), "no token would be accepted"));
  EXPECT_EQ(error(oauth({"--oauth-issuer", kIssuer})), "");
  EXPECT_EQ(error(oauth({"--oauth-service-accounts"})), "");
  EXPECT_EQ(error(oauth({"--oauth-opaque-tokens"})), "");
}

TEST(OAuthSettings, OneListenerThatUsesItIsEnough) {
  EXPECT_TRUE(has(error({"--listen", "127.0.0.1:1,auth=OAUTH"}), "needs --public-url"));
  EXPECT_EQ(error({"--listen", "127.0.0.1:1,auth=OAUTH", "--public-url", kUrl, "--oauth-issuer",
                   kIssuer}),
            "");
  EXPECT_TRUE(has(error({"--oauth-issuer", kIssuer}), "only with AUTH_MODE=OAUTH"));
  EXPECT_TRUE(has(error({"--oauth-service-accounts"}), "only with AUTH_MODE=OAUTH"));
}

TEST(OAuthSettings, Rule54TokensOverPlainHttpBeyondLoopbackNeedTheProxySaid) {
  EXPECT_TRUE(has(error(oauth({"--oauth-issuer", kIssuer, "--listen", "10.0.0.1:1"})),
                  "--behind-tls-proxy"));
}

TEST(OAuthSettings, Rule09ThePublicUrlIsWhatTokensName) {
  for (const char* bad :
       {"http://mcp.example/mcp", "https://mcp.example/mcp/", "https://mcp.example/",
        "https://mcp.example/mcp?x=1", "https://mcp.example/mcp?", "https://mcp.example/mcp#x",
        "https://u:p@mcp.example/mcp", "https://MCP.example/mcp", "HTTPS://mcp.example/mcp",
        "mcp.example/mcp", "ftp://mcp.example", "https://mcp.example/\"x", ""}) {
    EXPECT_TRUE(has(error({"--auth-mode", "OAUTH", "--oauth-issuer", kIssuer, "--public-url", bad}),
                    "--public-url must"))
        << bad;
  }
  for (const char* good :
       {"https://mcp.example", "https://mcp.example:8443/a/mcp", "http://127.0.0.1:6767/mcp",
        "http://localhost:6767/mcp", "https://[fd00::1]/mcp"}) {
    EXPECT_EQ(error({"--auth-mode", "OAUTH", "--oauth-issuer", kIssuer, "--public-url", good}), "")
        << good;
  }
}

TEST(OAuthSettings, IssuersComeFromFlagsAndFile) {
  const test::TempDir dir;
  const std::string file =
      dir.write("issuers.yaml", "issuers:\n  - {issuer: https://two.example, typ: any}\n");
  const auto both = parse(oauth({"--oauth-issuer", kIssuer, "--oauth-issuers-file", file}));
  EXPECT_FALSE(both.has_value())
      << "both prefixes are oidc:, ann of the one could be ann of the other";
  const auto one = parse(oauth({"--oauth-issuers-file", file}));
  ASSERT_TRUE(one.has_value()) << one.error().what();
  ASSERT_EQ(one->oauth.from_file.size(), 1u);
  EXPECT_EQ(one->oauth.from_file[0].issuer, "https://two.example");
  EXPECT_TRUE(has(error(oauth({"--oauth-issuers-file", dir.path("none")})), "must be a file"));
  dir.write("bad.yaml", "issuers:\n  - {issuer: https://two.example, audience: x}\n");
  EXPECT_TRUE(has(error(oauth({"--oauth-issuers-file", dir.path("bad.yaml")})), "did you mean"));
  variables = {{"K0RDENT_MCP_OAUTH_ISSUER", "https://a.example"}};
  const auto variable = parse(oauth({}));
  variables.clear();
  ASSERT_TRUE(variable.has_value()) << variable.error().what();
  EXPECT_EQ(variable->oauth.issuers.size(), 1u);
}

TEST(OAuthSettings, OtherValuesAreRefused) {
  EXPECT_TRUE(has(error(oauth({"--oauth-issuer", "http://login.example"})), "--oauth-issuer must"));
  EXPECT_TRUE(has(error(oauth({"--clock-skew", "61s"})), "--clock-skew must be at most"));
  EXPECT_TRUE(
      has(error({"--caller-credentials", "exchange"}), "--caller-credentials must be impersonate"));
  EXPECT_EQ(error(oauth({"--oauth-issuer", kIssuer, "--caller-credentials", "impersonate"})), "");
}

}  // namespace
