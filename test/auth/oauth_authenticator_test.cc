// How many access tokens are checked by their signature, and when, whatever strangers send. What
// becomes of tokens: story/oauth_test.cc, auth/issuers_test.cc.
#include "auth/oauth_authenticator.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/issuer_world.h"
#include "support/tools_world.h"

namespace {

using test::object;
using test::quote;

constexpr const char* kUrl = "https://mcp.example/mcp";

struct Question {
  void on_verdict(mcp::Verdict v) { verdict = std::move(v); }
  int status() const {
    if (!verdict) return 0;
    return verdict->refusal ? verdict->refusal->status : 200;
  }
  std::optional<mcp::Verdict> verdict;
  std::unique_ptr<mcp::PendingVerdict> pending;
};

struct SignatureChecks : test::ToolsWorld {
  SignatureChecks() {
    idp.answer = [this](const test::Seen& seen) {
      if (seen.target.starts_with("/.well-known/"))
        return test::FakeAnswer{
            .body = object({{"issuer", quote(issuer())}, {"jwks_uri", quote(issuer() + "/keys")}})};
      return test::FakeAnswer{.body = test::jwks({test::ec_signer().jwk(R"("kid":"ec")")})};
    };
    auth::IssuerSettings one = *auth::token::parse_issuer_url(issuer());
    one.ca_file = dir.write("idp.pem", test::shared_certs().ca_pem);
    issuers = std::make_unique<auth::Issuers>(
        loop, resolver, std::vector{one},
        auth::IssuersOptions{.audience = kUrl,
                             .user_agent = "test",
                             .getenv = [](const char*) -> const char* { return nullptr; }});
    issuers->start();
    EXPECT_TRUE(run_until(
        [&] { return issuers->status().front().state == auth::IssuerStatus::State::fresh; }));
    auth = std::make_unique<auth::OAuthAuthenticator>(*context, metadata, issuers.get(),
                                                      auth::OAuthRules{});
  }
  ~SignatureChecks() override {
    questions.clear();
    auth.reset();
    issuers->close();
  }

  std::string issuer() const { return "https://127.0.0.1:" + std::to_string(idp.port()); }
  std::string token() {
    const std::int64_t now = loop.wall_now().ns / 1'000'000'000;
    return test::ec_signer().token("ES256", R"({"alg":"ES256","typ":"at+jwt","kid":"ec"})",
                                   object({{"iss", quote(issuer())},
                                           {"aud", quote(kUrl)},
                                           {"sub", quote("ann")},
                                           {"exp", std::to_string(now + 600)},
                                           {"jti", quote("t-" + std::to_string(++made))}}));
  }
  Question& ask(const std::string& text, std::string_view peer) {
    Question& one = *questions.emplace_back(std::make_unique<Question>());
    one.pending = auth->ask("Bearer " + text, peer,
                            mcp::Authenticator::Fn::bind<&Question::on_verdict>(&one));
    return one;
  }
  std::uint64_t checks() const { return issuers->counts().accepted + issuers->counts().refused; }
  std::unique_ptr<net::TlsContext> tls = *net::TlsContext::server(
      {test::shared_certs().server_cert_pem, test::shared_certs().server_key_pem, "", false});
  test::FakeApi idp{loop, tls.get()};
  net::Resolver resolver{loop};
  auth::ResourceMetadata metadata{kUrl, {}};
  std::unique_ptr<auth::Issuers> issuers;
  std::unique_ptr<auth::OAuthAuthenticator> auth;
  std::vector<std::unique_ptr<Question>> questions;
  int made = 0;
};

// Bug: those that had waited for their turn were all checked in one turn, up to 48 of them.
TEST_F(SignatureChecks, AreBoundedInEachTurnHoweverManyTokensWait) {
  std::vector<Question*> asked;
  for (const char* peer : {"192.0.2.1", "192.0.2.2", "192.0.2.3"}) {
    for (int i = 0; i < 12; ++i)
      asked.push_back(&ask(token(), peer));
  }
  EXPECT_EQ(checks(), 0u) << "never inside ask()";
  std::uint64_t before = 0;
  const auto all = [&] {
    EXPECT_LE(checks() - before, static_cast<std::uint64_t>(auth::kChecksPerTurn));
    before = checks();
    return std::all_of(asked.begin(), asked.end(), [](const Question* q) { return q->status(); });
  };
  EXPECT_TRUE(run_until(all));
  for (const Question* one : asked)
    EXPECT_EQ(one->status(), 200);
}

}  // namespace
