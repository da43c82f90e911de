// auth-provider oidc: an id-token that ends is renewed at its issuer, as kubectl does it, and stands in
// the kubeconfig again.
#include "kube/config/oidc.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/encoding.h"
#include "base/seal.h"
#include "kube/config/token_write.h"
#include "support/kube_world.h"

namespace {

using base::seconds;
using test::FakeAnswer;
using test::Seen;
using test::tls;

const char* no_environment(const char*) {
  return nullptr;
}

class KubeOidc : public test::KubeWorld {
 protected:
  // Each `name` gives another one.
  std::string id_token(base::Duration lives, const std::string& name) {
    const std::int64_t exp = (loop.wall_now().ns + lives.count()) / 1000000000;
    return base::base64url(R"({"alg":"RS256"})") + "." +
           base::base64url("{\"exp\":" + std::to_string(exp) + ",\"sub\":\"" + name + "\"}") +
           ".c2ln";
  }
  std::string kubeconfig(const std::string& token, const std::string& more) {
    return "# mine\ncurrent-context: x\nclusters:\n- name: c\n  cluster: {server: "
           "\"http://127.0.0.1:" +
           std::to_string(api.port()) +
           "\"}\ncontexts:\n- name: x\n"
           "  context: {cluster: c, user: u}\nusers:\n- name: u\n  user:\n    auth-provider:\n"
           "      name: oidc\n      config:\n        client-id: kube\n        client-secret: s3cr=t\n"
           "        id-token: " +
           token + "\n" + more;
  }
  std::string issuer(const std::string& url) { return "        idp-issuer-url: " + url + "\n"; }
  static std::string refresh(const std::string& token) {
    return "        refresh-token: " + token + "  # kept\n";
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(idp.port()); }

  void use(const std::string& text) {
    kube::config::LoadOptions options;
    options.file = dir.write("config", text);
    options.getenv = no_environment;
    auto config = kube::config::load_config(options);
    ASSERT_TRUE(config) << config.error().what();
    client = make(*std::move(config));
    get = std::make_unique<test::Get>(*client);
  }
  bool call() {
    get->start();
    EXPECT_TRUE(finish(*get));
    return get->ok();
  }
  // What the last call carried.
  std::string sent() const {
    return api.seen.empty() ? "" : api.seen.back().header("authorization");
  }
  FakeAnswer answer(const Seen& seen) {
    if (seen.target == "/.well-known/openid-configuration")
      return {.body = "{\"token_endpoint\":\"" + url() + "/token\"}"};
    if (header_only != 0 && !seen.header("authorization").empty())
      return {.status = header_only, .body = R"({"error":"invalid_client"})"};
    return {.status = status, .body = tokens};
  }

  test::FakeApi api{loop}, idp{loop};
  int status = 200, header_only = 0;
  std::string tokens;  // the answer of /token
  std::unique_ptr<kube::Client> client;
  std::unique_ptr<test::Get> get;
  KubeOidc() {
    idp.answer = [this](const Seen& seen) { return answer(seen); };
  }
};

const std::string kFirst = "first-refresh-token", kSecond = "second/refresh+token=";

// Bug: "an id-token that ended was kubectl's to renew: in a pod nothing ever did".
TEST_F(KubeOidc, ATokenThatEndsIsRenewedUsedAndWrittenBack) {
  const std::string old = id_token(seconds(60), "a"), fresh = id_token(seconds(3600), "b");
  use(kubeconfig(old, issuer(url() + "/") + refresh(kFirst)));
  EXPECT_TRUE(call()) << get->message();
  EXPECT_EQ(sent(), "Bearer " + old);
  EXPECT_TRUE(idp.seen.empty()) << "nothing is renewed before its time";
  test::pass(loop, clock, seconds(51));
  tokens =
      R"({"id_token":")" + fresh + R"(","access_token":"x","refresh_token":")" + kSecond + "\"}";
  EXPECT_TRUE(call()) << get->message();
  EXPECT_EQ(sent(), "Bearer " + fresh);
  ASSERT_EQ(idp.seen.size(), 2u);
  EXPECT_EQ(idp.seen[1].method, "POST");
  EXPECT_EQ(idp.seen[1].target, "/token");
  EXPECT_EQ(idp.seen[1].body, "grant_type=refresh_token&refresh_token=" + kFirst);
  EXPECT_EQ(idp.seen[1].header("authorization"), "Basic " + base::base64("kube:s3cr%3Dt"));
  EXPECT_EQ(idp.seen[1].header("content-type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(dir.read("config"), kubeconfig(fresh, issuer(url() + "/") + refresh(kSecond)))
      << "comments and all";
  EXPECT_EQ(dir.read("config.lock"), "");
  // The next one is made with the new refresh token.
  test::pass(loop, clock, seconds(3600));
  tokens = R"({"id_token":")" + id_token(seconds(3600), "c") + "\"}";
  EXPECT_TRUE(call()) << get->message();
  EXPECT_EQ(idp.seen.back().body,
            "grant_type=refresh_token&refresh_token=" + base::percent_encode(kSecond));
}

TEST_F(KubeOidc, ARenewalBeginsAheadAndDelaysNobody) {
  const std::string old = id_token(seconds(60), "a"), fresh = id_token(seconds(3600), "b");
  use(kubeconfig(old, issuer(url()) + refresh(kFirst)));
  test::pass(loop, clock, seconds(35));
  tokens = R"({"id_token":")" + fresh + "\"}";
  EXPECT_TRUE(call());
  EXPECT_EQ(sent(), "Bearer " + old);
  ASSERT_TRUE(run_until([&] { return dir.read("config").find(fresh) != std::string::npos; }));
  EXPECT_TRUE(call());
  EXPECT_EQ(sent(), "Bearer " + fresh);
  EXPECT_EQ(idp.seen.size(), 2u);
  // All who come while one is under way wait for that one.
  test::pass(loop, clock, seconds(3600));
  tokens = R"({"id_token":")" + id_token(seconds(3600), "c") + "\"}";
  test::Get other(*client);
  get->start();
  other.start();
  EXPECT_TRUE(finish(*get) && finish(other));
  EXPECT_TRUE(get->ok() && other.ok());
  EXPECT_EQ(idp.seen.size(), 4u);
}

TEST_F(KubeOidc, AnIssuerMayWantTheClientInTheBody) {
  header_only = 401;
  use(kubeconfig(id_token(-seconds(5), "a"), issuer(url()) + refresh(kFirst)));
  tokens = R"({"id_token":")" + id_token(seconds(60), "b") + "\"}";
  EXPECT_TRUE(call()) << get->message();
  ASSERT_EQ(idp.seen.size(), 3u);
  EXPECT_EQ(idp.seen[2].body, "grant_type=refresh_token&refresh_token=" + kFirst +
                                  "&client_id=kube&client_secret=s3cr%3Dt");
  EXPECT_EQ(idp.seen[2].header("authorization"), "");
  test::pass(loop, clock, seconds(60));
  tokens = R"({"id_token":")" + id_token(seconds(60), "c") + "\"}";
  EXPECT_TRUE(call()) << get->message();
  EXPECT_EQ(idp.seen.size(), 5u) << "which way is known now";
}

TEST_F(KubeOidc, WhatGoesWrongIsSaidWithoutSecretsAndNotTriedAtEachCall) {
  const auto old = id_token(-seconds(5), "a");
  const auto fails = [&](const std::string& issuer_url, const std::string& words) {
    idp.seen.clear();
    use(kubeconfig(old, issuer(issuer_url) + refresh(kFirst)));
    EXPECT_FALSE(call());
    EXPECT_NE(get->message().find(words), std::string::npos) << get->message();
    for (const std::string& secret : {kFirst, std::string("s3cr"), old})
      EXPECT_EQ(get->message().find(secret), std::string::npos) << get->message();
    const std::size_t asked = idp.seen.size();
    EXPECT_FALSE(call());
    EXPECT_EQ(idp.seen.size(), asked) << "at once again";
    EXPECT_TRUE(api.seen.empty()) << "nothing goes out without a token";
  };
  status = 400;
  tokens = R"({"error":"invalid_grant","error_description":"Token is not active"})";
  fails(url(), "/token: HTTP 400: invalid_grant (Token is not active)");
  EXPECT_EQ(get->out->failure->code, base::Errc::unauthorized);
  status = 503;
  tokens = "<html>";
  fails(url(), "/token: HTTP 503");
  status = 200;
  tokens = R"({"access_token":"x"})";
  fails(url(), "the answer holds no id_token");
  tokens = R"({"id_token":"abc"})";
  fails(url(), "id_token is no JWT");
  tokens = R"({"id_token":")" + id_token(-seconds(1), "b") + "\"}";
  fails(url(), "has ended already");
  fails(url() + "/realm",
        "realm/.well-known/openid-configuration: the answer names no token_endpoint");
  fails("http://issuer.example", "must begin with https://");
  fails("issuer", "auth-provider oidc: issuer/.well-known");
  test::pass(loop, clock, kube::config::kOidcPauseCap * 2);
  EXPECT_FALSE(call());
}

TEST_F(KubeOidc, ATokenThatTheApiServerRefusesIsRenewedOnceAMinute) {
  const std::string old = id_token(seconds(3600), "a"), fresh = id_token(seconds(3600), "b");
  use(kubeconfig(old, issuer(url()) + refresh(kFirst)));
  api.answer = [&](const Seen& seen) {
    return FakeAnswer{.status = seen.header("authorization") == "Bearer " + fresh ? 200 : 401};
  };
  tokens = R"({"id_token":")" + fresh + "\"}";
  EXPECT_TRUE(call()) << get->message();
  EXPECT_EQ(idp.seen.size(), 2u);
  api.answer = [](const Seen&) { return FakeAnswer{.status = 401}; };
  for (int i = 0; i < 3; ++i)
    EXPECT_FALSE(call());
  EXPECT_EQ(idp.seen.size(), 2u);
}

TEST_F(KubeOidc, WhatAnotherProgramWroteIsTakenInstead) {
  use(kubeconfig(id_token(seconds(60), "a"), issuer(url()) + refresh(kFirst)));
  test::pass(loop, clock, seconds(55));
  const std::string theirs = id_token(seconds(3600), "b");
  dir.write("config", kubeconfig(theirs, issuer(url()) + refresh(kSecond)));
  EXPECT_TRUE(call()) << get->message();
  EXPECT_EQ(sent(), "Bearer " + theirs);
  EXPECT_TRUE(idp.seen.empty());
}

TEST_F(KubeOidc, AFileThatCannotBeWrittenLeavesTheTokensInMemory) {
  const std::string text = kubeconfig(id_token(-seconds(5), "a"), issuer(url()) + refresh(kFirst));
  use(text);
  dir.write("config.lock", "");
  const std::string fresh = id_token(seconds(60), "b");
  tokens = R"({"id_token":")" + fresh + R"(","refresh_token":")" + kSecond + "\"}";
  EXPECT_TRUE(call()) << get->message();
  EXPECT_EQ(dir.read("config"), text);
  EXPECT_TRUE(call());
  EXPECT_EQ(sent(), "Bearer " + fresh);
  test::pass(loop, clock, seconds(55));
  tokens = R"({"id_token":")" + id_token(seconds(60), "c") + "\"}";
  EXPECT_TRUE(call()) << get->message();
  EXPECT_EQ(idp.seen.back().body,
            "grant_type=refresh_token&refresh_token=" + base::percent_encode(kSecond))
      << "not the one in the file, which is void";
}

TEST_F(KubeOidc, TheIssuerIsVerifiedByItsOwnAuthority) {
  const auto context = tls().server(tls().certs);
  test::FakeApi secure(loop, context.get());
  const std::string base = "https://localhost:" + std::to_string(secure.port());
  const std::string fresh = id_token(seconds(3600), "b");
  secure.answer = [&](const Seen& seen) {
    if (seen.method == "GET") return FakeAnswer{.body = "{\"token_endpoint\":\"" + base + "/t\"}"};
    return FakeAnswer{.body = "{\"id_token\":\"" + fresh + "\"}"};
  };
  const auto with_ca = [&](const std::string& ca) {
    use(kubeconfig(id_token(-seconds(5), "a"),
                   issuer(base) + refresh(kFirst) +
                       "        idp-certificate-authority-data: " + base::base64(ca) + "\n"));
    return call();
  };
  EXPECT_FALSE(with_ca(tls().other.ca_pem));
  EXPECT_NE(get->message().find("signed by an unknown authority"), std::string::npos)
      << get->message();
  EXPECT_TRUE(secure.seen.empty());
  EXPECT_TRUE(with_ca(tls().certs.ca_pem)) << get->message();
  EXPECT_EQ(sent(), "Bearer " + fresh);
}

TEST(TokenWrite, ReplacesWholeTokensAndKeepsTheFilesMode) {
  test::TempDir dir;
  const std::string old = "old-token-0123456789", fresh = "new-token-0123456789";
  const std::string file =
      dir.write("c", "a: \"" + old + "\"\nb: " + old + "x\nc: [" + old + "]", 0640);
  ASSERT_EQ(::symlink(file.c_str(), dir.path("link").c_str()), 0);
  const auto written = kube::config::replace_tokens(dir.path("link"), {{old, fresh}});
  ASSERT_TRUE(written) << written.error().what();
  EXPECT_EQ(dir.read("c"), "a: \"" + fresh + "\"\nb: " + old + "x\nc: [" + fresh + "]");
  struct stat st {};
  ASSERT_EQ(::lstat(file.c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 0777, 0640u);
  ASSERT_EQ(::lstat(dir.path("link").c_str(), &st), 0);
  EXPECT_TRUE(S_ISLNK(st.st_mode));
  EXPECT_EQ(::access(dir.path("link.lock").c_str(), F_OK), -1);
  const std::string before = dir.read("c");
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"a", fresh}, {fresh, "with a space in it"}, {"not-in-the-file-at-all", fresh}}) {
    EXPECT_FALSE(kube::config::replace_tokens(file, {{fresh, old}, {from, to}}));
    EXPECT_EQ(dir.read("c"), before);
  }
}

}  // namespace
