// How many access tokens are checked by their signature, and when, whatever strangers send. What
// becomes of tokens: story/oauth_test.cc, auth/issuers_test.cc.
#include "auth/oauth_authenticator.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/issuer_world.h"
#include "support/tools_world.h"

namespace {

using test::object;
using test::quote;

constexpr const char* kUrl = "https://mcp.example/mcp";
constexpr int kFew = 5000;  // turns of the loop; hours of the virtual clock

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
      return test::FakeAnswer{.body = keys};
    };
    issuers = std::make_unique<auth::Issuers>(loop, resolver, settings(), options());
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

  // The issuer has this key set from now on.
  void publish(const std::string& set) { keys = set; }
  std::string issuer() const { return "https://127.0.0.1:" + std::to_string(idp.port()); }
  std::vector<auth::IssuerSettings> settings() {
    auth::IssuerSettings one = *auth::token::parse_issuer_url(issuer());
    one.ca_file = dir.write("idp.pem", test::shared_certs().ca_pem);
    return {one};
  }
  static auth::IssuersOptions options() {
    return {.audience = kUrl, .user_agent = "test", .getenv = [](const char*) -> const char* {
              return nullptr;
            }};
  }
  std::string token(std::string_view user = "ann", const std::string& groups = "[]") {
    return token_of(test::ec_signer(), "ec", user, groups);
  }
  std::string token_of(const test::Signer& signer, const std::string& kid,
                       std::string_view user = "ann", const std::string& groups = "[]") {
    const std::int64_t now = loop.wall_now().ns / 1'000'000'000;
    return signer.token("ES256", R"({"alg":"ES256","typ":"at+jwt","kid":)" + quote(kid) + "}",
                        object({{"iss", quote(issuer())},
                                {"aud", quote(kUrl)},
                                {"sub", quote(user)},
                                {"groups", groups},
                                {"exp", std::to_string(now + 600)},
                                {"jti", quote("t-" + std::to_string(++made))}}));
  }
  Question& ask(const std::string& text, std::string_view peer) {
    Question& one = *questions.emplace_back(std::make_unique<Question>());
    one.pending = auth->ask("Bearer " + text, peer,
                            mcp::Authenticator::Fn::bind<&Question::on_verdict>(&one));
    return one;
  }
  // Good but for its signature, which is another token's.
  std::string bad_token() {
    const std::string good = token(), other = token();
    return good.substr(0, good.rfind('.')) + other.substr(other.rfind('.'));
  }
  // With the head, then with the whole request, as the endpoint does it; the verdict's status.
  int post(const std::string& text, std::string_view peer) {
    if (auth->standing("Bearer " + text) != mcp::Standing::unverified) {
      // One that could not be checked is not kept.
      if (const auto known = auth->known("Bearer " + text))
        return known->refusal ? known->refusal->status : 200;
    }
    Question& one = ask(text, peer);
    EXPECT_TRUE(run_until([&] { return one.status() != 0; }));
    return one.status();
  }
  auth::IssuerSettings with_exchange() {
    auth::IssuerSettings one = *auth::token::parse_issuer_url(issuer());
    one.ca_file = dir.write("idp.pem", test::shared_certs().ca_pem);
    const std::string secret = dir.write("secret", "s");
    ::chmod(secret.c_str(), 0600);
    one.exchange = auth::token::ExchangeSettings{
        .client_id = "c", .secret_file = secret, .audience = "a", .endpoint = issuer() + "/token"};
    return one;
  }
  void make_exchange(auth::ExchangedTokens::Limits limits) {
    exchange = std::make_unique<auth::ExchangedTokens>(
        loop, resolver, std::vector{with_exchange()},
        auth::ExchangedTokens::Options{.user_agent = "test",
                                       .getenv = [](const char*) -> const char* { return nullptr; },
                                       .limits = limits});
  }
  // What is sent to this path is not answered.
  void hang(const std::string& path) {
    idp.answer = [before = idp.answer, path](const test::Seen& seen) {
      return seen.target == path ? test::FakeAnswer{.silent = true} : before(seen);
    };
  }
  // With the fewest places: one of each peer, three of all.
  void restart(auth::ExchangedTokens* tokens) {
    auth = std::make_unique<auth::OAuthAuthenticator>(
        *context, metadata, issuers.get(), auth::OAuthRules{.reviews = 4, .exchange = tokens});
  }
  std::uint64_t checks() const { return issuers->counts().accepted + issuers->counts().refused; }
  std::unique_ptr<net::TlsContext> tls = *net::TlsContext::server(
      {test::shared_certs().server_cert_pem, test::shared_certs().server_key_pem, "", false});
  test::FakeApi idp{loop, tls.get()};
  net::Resolver resolver{loop};
  auth::ResourceMetadata metadata{kUrl, {}};
  std::unique_ptr<auth::Issuers> issuers;
  std::unique_ptr<auth::ExchangedTokens> exchange;
  std::unique_ptr<auth::OAuthAuthenticator> auth;
  std::vector<std::unique_ptr<Question>> questions;
  std::string keys = test::jwks({test::ec_signer().jwk(R"("kid":"ec")")});
  int made = 0;
};

// Bug: 401, although the token was good: its client logged in again and again.
TEST_F(SignatureChecks, AUserOutsideAsciiIsServed) {
  EXPECT_EQ(post(token("j\xc3\xbcrgen", R"(["F\u00fchrung"])"), "192.0.2.1"), 200);
}

TEST_F(SignatureChecks, AGoodTokenWhoseUserCannotBeTakenGets403AndTheReason) {
  std::string many = "[\"g\"";
  for (int i = 0; i < 300; ++i)
    many += ",\"g" + std::to_string(i) + "\"";
  const std::map<std::string, std::string> reasons = {
      {token("ann", many + "]"), "the user has 301 groups; at most 256 can be sent"},
      {token("ann", R"(["dev "])"), "claim groups: one is not fit for a name"},
      {token("ann", R"(["a\nb"])"), "claim groups: one is not fit for a name"}};
  for (const auto& [text, reason] : reasons) {
    EXPECT_EQ(post(text, "192.0.2.1"), 403) << reason;
    for (int i = 0; i < 2; ++i) {
      const auto known = auth->known("Bearer " + text);
      ASSERT_TRUE(known && known->refusal) << "kept";
      EXPECT_EQ(known->refusal->status, 403);
      EXPECT_EQ(known->refusal->challenge, "") << "nothing to log in for";
      EXPECT_NE(known->refusal->message.find(reason), std::string::npos) << known->refusal->message;
    }
  }
  const std::string text = token("ann", R"(["a\nb"])");
  EXPECT_EQ(post(text.substr(0, text.size() - 8) + "AAAAAAAA", "192.0.2.1"), 401)
      << "a forged one is told nothing";
}

// Bug: 401 when its key came within ten seconds of the last fetch, and for ten more: clients that log
// in again got the same, and gave up.
TEST_F(SignatureChecks, ATokenOfAKeyThatIsNotThereYetMayComeAgainAndIsNotRefused) {
  const test::Signer next = test::Signer::ec("P-256");
  const std::string text = token_of(next, "next");
  Question& early = ask(text, "192.0.2.1");
  ASSERT_TRUE(run_until([&] { return early.status() != 0; }));
  EXPECT_EQ(early.status(), 503);
  const base::Duration wait = early.verdict->refusal->retry_after;
  EXPECT_LE(wait, auth::token::kUnknownKeyInterval);
  EXPECT_GE(wait, base::seconds(1));
  EXPECT_EQ(auth->stats().refused_kept, 0u);
  publish(test::jwks({test::ec_signer().jwk(R"("kid":"ec")"), next.jwk(R"("kid":"next")")}));
  pass(wait);
  EXPECT_EQ(post(text, "192.0.2.1"), 200);
}

// Bug: what was refused stayed so for ten seconds after its key had come.
TEST_F(SignatureChecks, NewKeysEndTheRefusalsOfTheOldOnes) {
  const test::Signer next = test::Signer::ec("P-256");
  const std::string text = token_of(next, "ec"), other = token_of(next, "next");
  EXPECT_EQ(post(text, "192.0.2.1"), 401) << "the signature is not of that key";
  publish(test::jwks({next.jwk(R"("kid":"ec")"), next.jwk(R"("kid":"next")")}));
  pass(auth::token::kUnknownKeyInterval - base::seconds(1));
  EXPECT_EQ(post(text, "192.0.2.1"), 401);
  pass(base::seconds(1));
  EXPECT_EQ(post(other, "192.0.2.1"), 200) << "a fetch";
  EXPECT_EQ(post(text, "192.0.2.1"), 200);
}

// They cost a parsing each, and no signature.
TEST_F(SignatureChecks, TokensOfMadeUpKeysCountForTheirPeerAsRefusedOnes) {
  std::map<int, int> answers;
  for (int i = 0; i < 2000; ++i)
    ++answers[post(token_of(test::ec_signer(), "k" + std::to_string(i)), "192.0.2.1")];
  EXPECT_GT(answers[429], 1000);
  EXPECT_GT(answers[503], 0);
  EXPECT_EQ(post(token(), "192.0.2.2"), 200);
}

// Bug: a caller whose exchanged token had made room for others was accepted without it until its
// verdict ended, and each of its requests failed.
TEST_F(SignatureChecks, ACallerWhoseExchangedTokenWasLetGoIsCheckedAgain) {
  const auto before = idp.answer;
  idp.answer = [before](const test::Seen& seen) {
    if (seen.target == "/token")
      return test::FakeAnswer{.body = R"({"access_token":"x","token_type":"Bearer"})"};
    return before(seen);
  };
  make_exchange({.tokens = 1});
  auth = std::make_unique<auth::OAuthAuthenticator>(*context, metadata, issuers.get(),
                                                    auth::OAuthRules{.exchange = exchange.get()});
  const std::string anns = token(), bobs = token("bob");
  EXPECT_EQ(post(anns, "192.0.2.1"), 200);
  EXPECT_EQ(post(bobs, "192.0.2.1"), 200);
  EXPECT_EQ(post(anns, "192.0.2.1"), 200);
  EXPECT_EQ(exchange->counts().exchanged, 3u);
  EXPECT_EQ(exchange->prepare(auth->known("Bearer " + anns)->caller.acts_as.view()),
            kube::config::CredentialState::ready);
}

// Bug: an issuer whose token endpoint hung filled the places, and no other token was checked.
TEST_F(SignatureChecks, AHangingTokenEndpointKeepsNoOtherTokenFromItsCheck) {
  hang("/token");
  make_exchange({});
  restart(exchange.get());
  for (int i = 0; i < 12; ++i)
    ask(token("user-" + std::to_string(i)), "192.0.2." + std::to_string(i % 3));
  ASSERT_TRUE(
      run_until([&] { return exchange->counts().under_way == auth::kExchangesUnderWay; }, kFew));
  const base::TimePoint asked = loop.now();
  // Neither is a token of that issuer for which an exchange could be needed.
  EXPECT_EQ(ask(bad_token(), "192.0.2.1").status(), 0);
  ASSERT_TRUE(run_until([&] { return questions.back()->status() != 0; }, kFew));
  EXPECT_EQ(questions.back()->status(), 401);
  EXPECT_LT(loop.now() - asked, base::seconds(1));
  EXPECT_EQ(auth->stats().asking, 0u);
}

// Bug, the same: an issuer whose keys could not be fetched.
TEST_F(SignatureChecks, KeysThatHangKeepNoOtherTokenFromItsCheck) {
  restart(nullptr);
  hang("/keys");
  pass(auth::token::kUnknownKeyInterval);
  for (int i = 0; i < 12; ++i) {
    const std::int64_t now = loop.wall_now().ns / 1'000'000'000;
    ask(test::ec_signer().token("ES256", R"({"alg":"ES256","typ":"at+jwt","kid":"next"})",
                                object({{"iss", quote(issuer())},
                                        {"aud", quote(kUrl)},
                                        {"sub", quote("user-" + std::to_string(i))},
                                        {"exp", std::to_string(now + 600)}})),
        "192.0.2." + std::to_string(i % 3));
  }
  ASSERT_TRUE(run_until([&] { return issuers->counts().waiting == 12; }, kFew));
  const base::TimePoint asked = loop.now();
  Question& one = ask(token(), "192.0.2.1");
  ASSERT_TRUE(run_until([&] { return one.status() != 0; }, kFew));
  EXPECT_EQ(one.status(), 200);
  EXPECT_LT(loop.now() - asked, base::seconds(1));
}

TEST_F(SignatureChecks, AClientIsToldWhenAnIssuerThatAsksForAPauseIsAskedAgain) {
  idp.answer = [](const test::Seen&) {
    return test::FakeAnswer{.status = 503, .extra = "Retry-After: 90\r\n"};
  };
  issuers->close();
  issuers = std::make_unique<auth::Issuers>(loop, resolver, settings(), options());
  issuers->start();
  restart(nullptr);
  ASSERT_TRUE(run_until([&] { return !issuers->status().front().problem.empty(); }, kFew));
  pass(base::seconds(20));
  Question& one = ask(token(), "192.0.2.1");
  ASSERT_TRUE(run_until([&] { return one.status() != 0; }, kFew));
  EXPECT_EQ(one.status(), 503);
  const base::Duration wait = one.verdict->refusal->retry_after;
  EXPECT_GT(wait, base::seconds(60));
  EXPECT_LE(wait, base::seconds(70));
}

// Bug: 5 s, whatever the issuer asked for.
TEST_F(SignatureChecks, AClientIsToldWhenAnIssuerThatAsksForAPauseExchangesAgain) {
  idp.answer = [before = idp.answer](const test::Seen& seen) {
    if (seen.target != "/token") return before(seen);
    return test::FakeAnswer{.status = 429, .extra = "Retry-After: 90\r\n"};
  };
  make_exchange({});
  restart(exchange.get());
  const auto wait = [this](Question& one) {
    EXPECT_TRUE(run_until([&] { return one.status() != 0; }, kFew));
    EXPECT_EQ(one.status(), 503);
    return one.verdict->refusal->retry_after;
  };
  EXPECT_GT(wait(ask(token(), "192.0.2.1")), base::seconds(85));
  pass(base::seconds(30));
  const base::Duration later = wait(ask(token("bob"), "192.0.2.2"));
  EXPECT_GT(later, base::seconds(50));
  EXPECT_LE(later, base::seconds(60));
}

// The caller is to slow down, and is told so; another one is not.
TEST_F(SignatureChecks, ACallerWithItsShareOfExchangesGets429) {
  hang("/token");
  make_exchange({.line = {.under_way = 4, .waiting = 100, .waiting_of_caller = 2}});
  restart(exchange.get());
  for (int i = 0; i < 3; ++i)  // one is under way
    ask(token(), "192.0.2.1");
  ASSERT_TRUE(run_until([&] { return exchange->counts().waiting == 2; }, kFew));
  EXPECT_EQ(post(token(), "192.0.2.2"), 429);
  ask(token("bob"), "192.0.2.1");
  EXPECT_TRUE(run_until([&] { return exchange->counts().under_way == 2; }, kFew));
}

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

// Bug: each cost a check, whoever sent it: ten thousand a second were a second of the processor.
TEST_F(SignatureChecks, AFloodOfBadTokensCostsOnePeerABoundedNumberAndOthersNothing) {
  const std::string known = token();
  EXPECT_EQ(post(known, "192.0.2.9"), 200);
  const std::string one_bad = bad_token();
  const std::size_t cut = one_bad.rfind('.');
  const base::TimePoint begun = loop.now();
  std::map<int, int> answers;
  for (int i = 0; i < 10'000; ++i) {
    // Another signature each time: no verdict on it is kept.
    const std::string tail = std::to_string(100'000 + i) + "A";
    std::string bad = one_bad;
    bad.replace(cut + 1, tail.size(), tail);
    ++answers[post(bad, "192.0.2.1")];
    if (i % 1000 == 0) {
      EXPECT_EQ(post(known, "192.0.2.1"), 200) << "a verdict that is known";
      EXPECT_EQ(post(token(), "192.0.2.2"), 200) << "another peer's new token";
    }
  }
  const auto seconds = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(loop.now() - begun).count() + 1);
  EXPECT_LE(issuers->counts().refused, auth::kRefusedBurst + auth::kRefusedAtHeadBurst +
                                           seconds * (auth::kRefusedOfPeer + auth::kRefusedAtHead));
  EXPECT_EQ(answers.size(), 2u);
  EXPECT_GT(answers[429], 9'000);
  EXPECT_GT(answers[401], 0);
  EXPECT_EQ(post(token(), "192.0.2.1"), 429) << "it may come again";
  pass(base::seconds(1));
  EXPECT_EQ(post(token(), "192.0.2.1"), 200);
}

TEST(RefusedChecks, APeersRateIsAnAverageWithABurst) {
  auth::RefusedChecks refused;
  base::TimePoint now{base::hours(5)};
  const auto spend = [&](std::string_view peer) {
    int n = 0;
    for (; refused.allows(peer, now); ++n)
      refused.note(peer, now);
    return n;
  };
  EXPECT_EQ(spend("a"), auth::kRefusedBurst);
  EXPECT_EQ(spend("b"), auth::kRefusedBurst) << "each peer for itself";
  EXPECT_EQ(spend(""), auth::kRefusedUntoldBurst);
  EXPECT_EQ(spend(auth::RefusedChecks::kAtHead), auth::kRefusedAtHeadBurst);
  now = now + base::milliseconds(19);
  EXPECT_EQ(spend("a"), 0);
  now = now + base::milliseconds(1);
  EXPECT_EQ(spend("a"), 1);
  now = now + base::seconds(1);
  EXPECT_EQ(spend("a"), auth::kRefusedOfPeer);
  EXPECT_EQ(spend(""), auth::kRefusedUntold + 4);
  now = now + base::hours(1);
  EXPECT_EQ(spend("a"), auth::kRefusedBurst) << "and no more than the burst";
}

TEST(RefusedChecks, TheNumberOfPeersIsBounded) {
  auth::RefusedChecks refused;
  const base::TimePoint now{base::hours(5)};
  for (std::size_t i = 0; i < 3 * auth::kRefusedPeers; ++i)
    refused.note("peer-" + std::to_string(i), now);
  EXPECT_EQ(refused.peers(), auth::kRefusedPeers);
}

}  // namespace
