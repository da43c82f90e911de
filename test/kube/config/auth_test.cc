// The configured identity: token files that rotate, what a 401 does, and what an exec plugin may
// say.
#include "kube/config/auth.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/log.h"
#include "kube/config/exec_plugin.h"
#include "support/fake_api.h"
#include "support/temp_dir.h"

namespace {

using base::Errc;
using test::FakeAnswer;
using test::Seen;

FakeAnswer unauthorized() {
  return {.status = 401, .body = test::status_json(401, "Unauthorized", "Unauthorized")};
}

// Answers 401 to every token but `good`.
test::FakeApi::AnswerFn only(std::string good) {
  return [good](const Seen& seen) {
    return seen.header("authorization") == "Bearer " + good ? FakeAnswer{} : unauthorized();
  };
}

class TokenFile : public ::testing::Test {
 protected:
  void make(std::string token = {}) {
    kube::config::Config config = api.config();
    config.user.token = std::move(token);
    config.user.token_file = dir.path("token");
    client = *kube::Client::create(loop, resolver, std::move(config), "test");
    get = std::make_unique<test::Get>(*client);
  }
  // One call to its end; the token that its last request carried.
  std::string call() {
    get->start();
    EXPECT_TRUE(test::turn_until(loop, clock, [&] { return get->out.has_value(); }));
    return api.seen.empty() ? "" : api.seen.back().header("authorization");
  }
  void pass(base::Duration time) { test::pass(loop, clock, time); }
  test::TempDir dir;
  loop::VirtualClock clock;
  loop::Loop loop{clock};
  net::Resolver resolver{loop};
  test::FakeApi api{loop};
  std::unique_ptr<kube::Client> client;
  std::unique_ptr<test::Get> get;
};

TEST_F(TokenFile, IsTrimmedAndReadAgainAfterItsTime) {
  dir.write("token", " one\r\n");
  make();
  EXPECT_EQ(call(), "Bearer one");
  dir.write("token", "two\n");
  pass(kube::config::kFileCheck - base::seconds(1));
  EXPECT_EQ(call(), "Bearer one");
  pass(base::seconds(2));
  EXPECT_EQ(call(), "Bearer two");
}

TEST_F(TokenFile, ARefusedOldTokenIsReadAgainAndTriedOnceMoreAtOnce) {
  dir.write("token", "one");
  make();
  api.answer = only("two");
  dir.write("token", "two");
  EXPECT_EQ(call(), "Bearer two");
  EXPECT_TRUE(get->ok()) << get->message();
  EXPECT_EQ(api.seen.size(), 2u);
  EXPECT_EQ(get->calls, 1);
  EXPECT_EQ(client->stats().failures, 0u);
}

TEST_F(TokenFile, A401WithNothingNewIsToldAtOnce) {
  dir.write("token", "one");
  make();
  api.answer = [](const Seen&) { return unauthorized(); };
  call();
  EXPECT_EQ(get->status(), 401);
  EXPECT_EQ(get->out->failure->code, Errc::unauthorized);
  EXPECT_EQ(api.seen.size(), 1u);
}

TEST_F(TokenFile, EvenATokenThatChangesEachTimeIsTriedTwiceOnly) {
  dir.write("token", "0");
  make();
  int n = 0;
  api.answer = [&](const Seen&) {
    dir.write("token", std::to_string(++n));
    return unauthorized();
  };
  call();
  EXPECT_EQ(get->status(), 401);
  EXPECT_EQ(api.seen.size(), 2u);
}

TEST_F(TokenFile, EmptyMissingOrGarbledKeepsTheLastGoodOne) {
  dir.write("token", "good");
  make();
  std::string log;
  base::log::capture(&log);
  EXPECT_EQ(call(), "Bearer good");
  for (const char* bad : {"", "\n", "a\r\nX-Evil: 1", "a b"}) {
    dir.write("token", bad);
    pass(kube::config::kFileCheck + base::seconds(1));
    EXPECT_EQ(call(), "Bearer good");
    EXPECT_TRUE(get->ok());
  }
  dir.remove("token");
  pass(kube::config::kFileCheck + base::seconds(1));
  EXPECT_EQ(call(), "Bearer good");
  base::log::capture(nullptr);
  EXPECT_NE(log.find("last good content is kept"), std::string::npos);
  EXPECT_EQ(log.find("X-Evil"), std::string::npos) << "a file's content is never logged";
}

// Bug: it stopped the loop for ever.
TEST_F(TokenFile, APipeInItsPlaceBlocksNothing) {
  dir.write("token", "one");
  make();
  EXPECT_EQ(call(), "Bearer one");
  dir.remove("token");
  ASSERT_EQ(::mkfifo(dir.path("token").c_str(), 0600), 0);
  pass(kube::config::kFileCheck);
  EXPECT_EQ(call(), "Bearer one");
  dir.write("token", "two");
  pass(kube::config::kFileCheck);
  EXPECT_EQ(call(), "Bearer two");
}

TEST_F(TokenFile, ItsTokenWinsOverTheInlineOneOnceItCouldBeRead) {
  make("inline");
  EXPECT_EQ(call(), "Bearer inline");
  dir.write("token", "file");
  pass(kube::config::kFileCheck + base::seconds(1));
  EXPECT_EQ(call(), "Bearer file");
}

TEST_F(TokenFile, WithoutAnyTokenNoRequestIsMadeUntilThereIsOne) {
  make();
  call();
  EXPECT_EQ(get->out->failure->code, Errc::unauthorized);
  EXPECT_NE(get->message().find(dir.path("token")), std::string::npos);
  EXPECT_TRUE(api.seen.empty());
  dir.write("token", "late");
  pass(kube::config::kMissingTokenCheck);
  EXPECT_EQ(call(), "Bearer late");
}

TEST_F(TokenFile, ACallersRefusedBearerIsNotRetriedAndNeverReplacedByOurs) {
  dir.write("token", "ours");
  make();
  api.answer = only("ours");
  get->start(kube::config::Credentials::bearer("theirs"));
  ASSERT_TRUE(test::turn_until(loop, clock, [&] { return get->out.has_value(); }));
  EXPECT_EQ(get->status(), 401);
  ASSERT_EQ(api.seen.size(), 1u);
  EXPECT_EQ(api.seen[0].header("authorization"), "Bearer theirs");
}

// Bug: a plugin of a shell script's few lines of YAML, which kubectl takes, was refused.
TEST(ExecCredential, MayBeYamlAndLackItsKind) {
  const std::string head = "apiVersion: client.authentication.k8s.io/v1\n";
  const std::string status = "status:\n  token: \"t0ken \"\n  expirationTimestamp: ";
  for (const std::string& output :
       {head + "kind: ExecCredential\n" + status + "2099-01-01T00:00:00Z\n",
        "# a comment\n---\n" + head + status + "2099-01-01T00:00:00Z\n---\nmore: 1\n",
        std::string("\xEF\xBB\xBF") + R"( {"apiVersion":"client.authentication.k8s.io/v1",)" +
            R"("status":{"token":"t0ken","expirationTimestamp":"2099-01-01T00:00:00Z"}})"}) {
    const auto credential =
        kube::config::parse_exec_credential(output, "client.authentication.k8s.io/v1");
    ASSERT_TRUE(credential) << output << credential.error().what();
    EXPECT_EQ(credential->token, "t0ken");
    EXPECT_EQ(credential->expires, base::parse_rfc3339("2099-01-01T00:00:00Z"));
  }
}

TEST(ExecCredential, ErrorsSayWhatIsWrongAndHoldNothingOfIt) {
  const auto error = [](const std::string& output) {
    const auto parsed =
        kube::config::parse_exec_credential(output, "client.authentication.k8s.io/v1");
    if (parsed) return std::string("no error");
    EXPECT_EQ(parsed.error().what().find("s3cret"), std::string::npos);
    return parsed.error().what();
  };
  const std::string head =
      R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1")";
  for (const char* neither : {"s3cret", "", "- s3cret", "{s3cret: 1}", "{} s3cret", "a: [s3cret"})
    EXPECT_NE(error(neither).find("neither JSON nor"), std::string::npos) << neither;
  EXPECT_NE(error(R"({"kind":5})").find("not an ExecCredential"), std::string::npos);
  EXPECT_NE(error(R"({"kind":"Pod"})").find("not an ExecCredential"), std::string::npos);
  EXPECT_NE(
      error(R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1"})")
          .find("v1beta1"),
      std::string::npos);
  EXPECT_NE(error(head + "}").find("no status"), std::string::npos);
  EXPECT_NE(error(head + R"(,"status":{}})").find("neither"), std::string::npos);
  EXPECT_NE(error(head + R"(,"status":{"clientCertificateData":"s3cret"}})").find("both"),
            std::string::npos);
  EXPECT_NE(error(head + R"(,"status":{"clientKeyData":"s3cret","token":"t"}})").find("both"),
            std::string::npos);
  EXPECT_NE(error(head + R"(,"status":{"token":"s3cret\r\nX: 1"}})").find("status.token"),
            std::string::npos);
  EXPECT_NE(
      error(head + R"(,"status":{"token":"t","expirationTimestamp":"soon"}})").find("RFC 3339"),
      std::string::npos);
  EXPECT_EQ(error(head + R"(,"status":{"token":"t","expirationTimestamp":null}})"), "no error");
}

}  // namespace
