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
        "mcp.example/mcp", "ftp://mcp.example", "https://mcp.example/\"x", "",
        // Bug: clients write these otherwise, and no token of theirs was for us.
        "https://mcp.example:443/mcp", "http://127.0.0.1:80/mcp", "https://mcp.example/a/../mcp",
        "https://mcp.example/./mcp", "https://mcp.example/a/%2E%2e/mcp"}) {
    EXPECT_TRUE(has(error({"--auth-mode", "OAUTH", "--oauth-issuer", kIssuer, "--public-url", bad}),
                    "--public-url must"))
        << bad;
  }
  EXPECT_TRUE(has(error({"--auth-mode", "OAUTH", "--oauth-issuer", kIssuer, "--public-url",
                         "https://[fd00::1]:443/a/b/../mcp"}),
                  "must be https://[fd00::1]/a/mcp: clients write it so"));
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
  EXPECT_TRUE(has(error({"--caller-credentials", "pass"}),
                  "--caller-credentials must be impersonate or exchange"));
  EXPECT_EQ(error(oauth({"--oauth-issuer", kIssuer, "--caller-credentials", "impersonate"})), "");
}

std::vector<std::string> exchange(std::vector<std::string> more) {
  std::vector<std::string> out = oauth({"--caller-credentials=exchange"});
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

TEST(OAuthSettings, AnExchangeNeedsItsClientAndAudience) {
  const std::vector<std::string> all{
      "--oauth-issuer",         kIssuer,       "--exchange-client-id", "mcp",
      "--exchange-secret-file", "/etc/secret", "--exchange-audience",  "kubernetes"};
  const auto settings = parse(exchange(all));
  ASSERT_TRUE(settings.has_value()) << settings.error().what();
  EXPECT_TRUE(settings->oauth.exchange);
  EXPECT_EQ(settings->oauth.exchange_by.audience, "kubernetes");
  for (std::size_t without : {2u, 4u, 6u}) {
    std::vector<std::string> some = all;
    some.erase(some.begin() + static_cast<std::ptrdiff_t>(without),
               some.begin() + static_cast<std::ptrdiff_t>(without) + 2);
    EXPECT_TRUE(has(error(exchange(some)), "need each other")) << all[without];
  }
  EXPECT_TRUE(has(error(exchange({"--oauth-issuer", kIssuer})), "where there is one issuer"));
  EXPECT_TRUE(has(error(exchange({"--oauth-service-accounts"})), "needs --oauth-issuer"));
  EXPECT_TRUE(has(error(oauth(all)), "only with --caller-credentials=exchange"));
  EXPECT_TRUE(has(error({"--caller-credentials=exchange"}), "only with AUTH_MODE=OAUTH"));
  EXPECT_TRUE(has(error(exchange({"--exchange-audience", ""})), "--exchange-audience must"));
}

TEST(OAuthSettings, EachIssuerOfAFileHasItsOwnExchange) {
  const test::TempDir dir;
  const std::string both = dir.write(
      "both.yaml",
      "issuers:\n"
      "  - issuer: https://one.example\n"
      "    claims: {user: {claim: sub, prefix: 'one:'}, groups: {claim: groups, prefix: 'one:'}}\n"
      "    exchange: {clientId: a, clientSecretFile: /a, audience: k, scope: openid,"
      " tokenEndpoint: 'https://one.example/t'}\n"
      "  - issuer: https://two.example\n"
      "    claims: {user: {claim: sub, prefix: 'two:'}, groups: {claim: groups, prefix: 'two:'}}\n"
      "    exchange: {clientId: b, clientSecretFile: /b, audience: k}\n");
  const auto settings = parse(exchange({"--oauth-issuers-file", both}));
  ASSERT_TRUE(settings.has_value()) << settings.error().what();
  const auto& one = *settings->oauth.from_file[0].exchange;
  EXPECT_EQ(one.client_id, "a");
  EXPECT_EQ(one.secret_file, "/a");
  EXPECT_EQ(one.audience, "k");
  EXPECT_EQ(one.scope, "openid");
  EXPECT_EQ(one.endpoint, "https://one.example/t");
  EXPECT_EQ(settings->oauth.from_file[1].exchange->client_id, "b");
  EXPECT_TRUE(
      has(error(oauth({"--oauth-issuers-file", both})), "only with --caller-credentials=exchange"));
  struct Row {
    const char *exchange, *want;
  };
  for (const Row& row : {Row{"{clientId: a, audience: k}", "exchange needs clientId"},
                         Row{"{clientId: a, clientSecretFile: /a}", "exchange needs clientId"},
                         Row{"{clientSecret: a}", "did you mean clientSecretFile"},
                         Row{"{clientId: a, clientSecretFile: /a, audience: k, tokenEndpoint: "
                             "'http://one.example/t'}",
                             "tokenEndpoint must be an https:// URL"},
                         Row{"yes", "exchange must be a mapping"}}) {
    const std::string file = dir.write(
        "bad.yaml", std::string("issuers:\n  - issuer: https://one.example\n    exchange: ") +
                        row.exchange + "\n");
    EXPECT_TRUE(has(error(exchange({"--oauth-issuers-file", file})), row.want))
        << error(exchange({"--oauth-issuers-file", file}));
  }
}

}  // namespace
