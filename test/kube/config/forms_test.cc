// Kubeconfigs as kubectl reads them: test/e2e/apiserver/parity compares each form with client-go.
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/seal.h"
#include "kube/client.h"
#include "kube/config/auth.h"
#include "kube/config/jwt.h"
#include "kube/config/kubeconfig.h"
#include "support/fake_api.h"
#include "support/temp_dir.h"

namespace {

const char* no_environment(const char*) {
  return nullptr;
}

class KubeConfigForms : public ::testing::Test {
 protected:
  static std::string with(const std::string& user,
                          const std::string& cluster = "server: https://api.example") {
    return "current-context: x\nclusters:\n- name: c\n  cluster: {" + cluster +
           "}\ncontexts:\n- name: x\n  context: {cluster: c, user: u}\nusers:\n- name: u\n"
           "  user:\n" +
           user;
  }
  base::Result<kube::config::Config> load(const std::string& text) {
    kube::config::LoadOptions options;
    options.file = dir.write("config", text);
    options.getenv = no_environment;
    return kube::config::load_config(options);
  }
  std::string token_of(const std::string& text) {
    const auto config = load(text);
    return config ? config->user.token : config.error().what();
  }
  test::TempDir dir;
};

std::string utf16(const std::string& text, bool big) {
  std::string out = big ? "\xFE\xFF" : "\xFF\xFE";
  for (const char c : text)
    out += big ? std::string{'\0', c} : std::string{c, '\0'};
  return out;
}

// Bug: "did not find expected <document start>", "invalid leading UTF-8 octet".
TEST_F(KubeConfigForms, ByteOrderMarksAndUtf16AreRead) {
  const std::string text = with("    token: t\n");
  EXPECT_EQ(token_of("\xEF\xBB\xBF" + text), "t");
  EXPECT_EQ(token_of(utf16(text, false)), "t");
  EXPECT_EQ(token_of(utf16(text, true)), "t");
}

// Bug: "holds more than one document".
TEST_F(KubeConfigForms, TheFirstDocumentCountsAndNothingAfterIt) {
  const std::string text = with("    token: t\n");
  for (const char* tail : {"---\n", "...\n", "---\n- a\n", "---\n{ a: [\n", "# end\n---\n# more\n"})
    EXPECT_EQ(token_of(text + tail), "t") << tail;
  EXPECT_EQ(token_of(text + "---\n" + with("    token: other\n")), "t");
  EXPECT_NE(token_of("---\n---\n" + text), "t") << "the first is empty";
}

// Bug: the token of a merge key was lost with a warning, and the API server answered 401.
TEST_F(KubeConfigForms, MergeKeysAreResolvedWhereTheyStand) {
  const std::string anchor = "x: &x {token: merged, as: me}\n";
  EXPECT_EQ(token_of(anchor + with("    <<: *x\n")), "merged");
  EXPECT_EQ(load(anchor + with("    <<: *x\n"))->user.impersonate_user, "me");
  EXPECT_EQ(token_of(anchor + with("    <<: *x\n    token: own\n")), "own");
  EXPECT_EQ(token_of(anchor + with("    token: own\n    <<: *x\n")), "merged") << "as yaml.v2 does";
  EXPECT_EQ(token_of(anchor + "y: &y {token: second}\n" + with("    <<: [*x, *y]\n")), "merged");
  EXPECT_EQ(token_of(anchor + "y: &y {<<: *x}\n" + with("    <<: *y\n")), "merged");
  EXPECT_EQ(token_of(with("    <<: {token: here}\n")), "here");
  EXPECT_EQ(token_of(with("    '<<': {token: here}\n    token: own\n")), "own");
  EXPECT_NE(token_of(with("    <<: token\n")).find("merge key (<<) needs a mapping"),
            std::string::npos);
}

TEST_F(KubeConfigForms, AKeyThatStandsTwiceCountsAsItStandsLast) {
  EXPECT_EQ(token_of(with("    token: a\n    token: b\n")), "b");
}

TEST_F(KubeConfigForms, FlagsMayBeYaml11sWords) {
  for (const char* yes : {"yes", "On", "TRUE", "y"}) {
    const auto config =
        load(with("    {}\n", "server: https://a, insecure-skip-tls-verify: " + std::string(yes)));
    ASSERT_TRUE(config) << config.error().what();
    EXPECT_TRUE(config->cluster.insecure) << yes;
  }
  EXPECT_FALSE(
      load(with("    {}\n", "server: https://a, insecure-skip-tls-verify: off"))->cluster.insecure);
}

// Bug: "exec stands beside a token, a password or a certificate".
TEST_F(KubeConfigForms, APluginBesideOtherMeansIsCheckedAndNotRun) {
  const std::string exec =
      "    exec: {apiVersion: client.authentication.k8s.io/v1, command: x, "
      "interactiveMode: Always}\n";
  for (const char* other : {"    token: t\n", "    tokenFile: f\n", "    username: a\n",
                            "    client-certificate: a\n    client-key: b\n"}) {
    const auto config = load(with(exec + other));
    ASSERT_TRUE(config) << other << config.error().what();
    EXPECT_FALSE(config->user.exec) << other;
  }
  EXPECT_FALSE(load(with("    exec: {command: x}\n    token: t\n"))) << "it has no apiVersion";
  EXPECT_FALSE(load(with(exec))) << "alone, Always needs a terminal";
}

TEST_F(KubeConfigForms, AnAddressMayHaveAZone) {
  const auto config = load(with("    {}\n", "server: \"https://[fe80::1%25eth0]:6443\""));
  ASSERT_TRUE(config) << config.error().what();
  EXPECT_EQ(config->cluster.host, "fe80::1%eth0");
}

// Bug: "must not hold a user name or password".
TEST_F(KubeConfigForms, ALoginInTheServerGoesBeforeTheUsersOwn) {
  const std::string server = "server: \"https://me%40x:p%3aw@api.example:06443/k8s\"";
  for (const char* own :
       {"    {}\n", "    token: t\n", "    tokenFile: f\n", "    username: a\n    password: b\n",
        "    exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: x}\n"}) {
    const auto config = load(with(own, server));
    ASSERT_TRUE(config) << own << config.error().what();
    EXPECT_EQ(config->user.username, "me@x");
    EXPECT_EQ(config->user.password, "p:w");
    EXPECT_EQ(config->user.token + config->user.token_file, "");
    EXPECT_FALSE(config->user.exec);
    EXPECT_EQ(config->cluster.port, 6443);
    EXPECT_EQ(config->warnings.size(), std::string(own) == "    {}\n" ? 0u : 1u);
  }
  EXPECT_EQ(load(with("    {}\n", "server: \"https://me@api.example\""))->user.password, "");
  EXPECT_EQ(token_of(with("    token: t\n", "server: \"https://@api.example/a@b\"")), "t");
}

// Bug: the base64 itself was sent.
TEST_F(KubeConfigForms, WhatIsMarkedBinaryIsDecoded) {
  EXPECT_EQ(token_of(with("    token: !!binary dDBrZW4=\n")), "t0ken");
  EXPECT_EQ(token_of(with("    token: !!binary |\n      dDBr\n      ZW4=\n")), "t0ken");
  const std::string error = token_of(with("    token: !!binary \"*s3cret\"\n"));
  EXPECT_NE(error.find("marked !!binary is not base64"), std::string::npos) << error;
  EXPECT_EQ(error.find("s3cret"), std::string::npos);
}

TEST_F(KubeConfigForms, BlanksThatEndATokenAreNotSent) {
  EXPECT_EQ(token_of(with("    token: \"t0ken \\t\"\n")), "t0ken");
  EXPECT_NE(token_of(with("    token: \" t0ken\"\n")).find("holds a space"), std::string::npos)
      << "an API server ignores a bearer after two spaces";
}

TEST_F(KubeConfigForms, ASocksProxyIsTakenWithItsUser) {
  const auto config =
      load(with("    {}\n", "server: https://a, proxy-url: \"socks5://me:p%20w@proxy.example\""));
  ASSERT_TRUE(config) << config.error().what();
  EXPECT_TRUE(config->cluster.proxy.socks5);
  EXPECT_EQ(config->cluster.proxy.host, "proxy.example");
  EXPECT_EQ(config->cluster.proxy.port, 1080);
  EXPECT_EQ(config->cluster.proxy.user, "me");
  EXPECT_EQ(config->cluster.proxy.password, "p w");
  const auto https = load(with("    {}\n", "server: https://a, proxy-url: \"https://p.example\""));
  ASSERT_TRUE(https) << https.error().what();
  EXPECT_TRUE(https->cluster.proxy.https);
  EXPECT_EQ(https->cluster.proxy.port, 443);
  EXPECT_FALSE(load(with("    {}\n", "server: https://a, proxy-url: \"socks5://" +
                                         std::string(256, 'u') + "@proxy.example\"")));
}

std::string id_token(const std::string& claims) {
  return base::base64url(R"({"alg":"RS256"})") + "." + base::base64url(claims) + ".c2ln";
}

TEST(Jwt, SaysItsEnd) {
  EXPECT_EQ(kube::config::jwt_expiry(id_token(R"({"exp":1767225600})"))->ns, 1767225600000000000);
  EXPECT_EQ(kube::config::jwt_expiry(id_token(R"({"exp":1767225600.5})"))->ns, 1767225600000000000);
  EXPECT_EQ(kube::config::jwt_expiry(id_token("{}"))->ns, 0);
  EXPECT_EQ(kube::config::jwt_expiry(id_token(R"({"exp":"soon"})"))->ns, 0);
  EXPECT_GT(kube::config::jwt_expiry(id_token(R"({"exp":1e300})"))->ns, 0);
  for (const char* bad : {"", "a.b", "a.!.c", "a.e30.c.d", "..", "a.W10.c"})
    EXPECT_FALSE(kube::config::jwt_expiry(bad)) << bad;
}

// Bug: "auth-provider is no longer a thing that clients do".
TEST_F(KubeConfigForms, AnIdTokenIsUsedUntilItEndsAndThenTheFileIsReadAgain) {
  loop::VirtualClock clock;
  loop::Loop loop{clock};
  net::Resolver resolver{loop};
  test::FakeApi api{loop};
  const auto text = [&](std::int64_t seconds) {
    const std::string claims =
        "{\"exp\":" + std::to_string(loop.wall_now().ns / 1000000000 + seconds) + "}";
    return with(
        "    auth-provider:\n      name: oidc\n      config: {idp-issuer-url: i, "
        "client-id: c, id-token: " +
            id_token(claims) + "}\n",
        "server: \"http://127.0.0.1:" + std::to_string(api.config().cluster.port) + "\"");
  };
  auto config = load(text(60));
  ASSERT_TRUE(config) << config.error().what();
  const auto client = *kube::Client::create(loop, resolver, *std::move(config), "test");
  test::Get get(*client);
  const auto call = [&] {
    get.start();
    EXPECT_TRUE(test::turn_until(loop, clock, [&] { return get.out.has_value(); }));
    return get.ok();
  };
  EXPECT_TRUE(call()) << get.message();
  const std::string first = api.seen.back().header("authorization");
  EXPECT_EQ(first.substr(0, 7), "Bearer ");
  test::pass(loop, clock, base::seconds(51));
  EXPECT_FALSE(call());
  EXPECT_NE(get.message().find("no valid id-token"), std::string::npos) << get.message();
  EXPECT_EQ(api.seen.size(), 1U) << "nothing goes out without a token";
  dir.write("config", text(3600));
  test::pass(loop, clock, kube::config::kIdTokenCheck);
  EXPECT_TRUE(call()) << get.message();
  EXPECT_NE(api.seen.back().header("authorization"), first);
}

}  // namespace
