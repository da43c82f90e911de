// Tokens for the API server that stand for callers' own: when one is got, from a simulated issuer over
// HTTPS on the virtual clock, how long it is used, and what is let go.
#include "auth/exchanged_tokens.h"

#include <sys/stat.h>

#include "base/encoding.h"
#include "support/issuer_world.h"

namespace {

using auth::ExchangedTokens;
using base::minutes;
using base::seconds;
using test::FakeAnswer;
using test::object;
using test::quote;
using test::Seen;
using State = kube::config::CredentialState;

// A request that waits for a token.
struct Request {
  explicit Request(ExchangedTokens& t, std::string n) : tokens(t), name(std::move(n)) {}
  void start() {
    state = tokens.prepare(name);
    if (state == State::running) tokens.wait(name, waiter);
    if (state == State::ready) token = tokens.token(name);
  }
  void on_token() {
    ++woken;
    start();
  }
  ExchangedTokens& tokens;
  const std::string name;
  State state = State::failed;
  std::string token;
  int woken = 0;
  kube::config::Waiter waiter{kube::config::Waiter::Fn::bind<&Request::on_token>(this)};
};

struct Exchanges : test::IssuerWorld {
  using State = kube::config::CredentialState;

  Exchanges() {
    answers["/.well-known/openid-configuration"].body =
        object({{"issuer", quote(url())},
                {"jwks_uri", quote(url() + "/keys")},
                {"token_endpoint", quote(url() + "/token")}});
    idp.answer = [this](const Seen& seen) {
      if (seen.target == "/token") return token_endpoint(seen);
      const auto at = answers.find(seen.target);
      return at == answers.end() ? FakeAnswer{.status = 404} : at->second;
    };
    make({});
  }
  ~Exchanges() override {
    requests.clear();
    tokens.reset();
  }
  auth::IssuerSettings with_exchange() const {
    auth::IssuerSettings s = settings();
    s.exchange = auth::token::ExchangeSettings{
        .client_id = "mcp client", .secret_file = secret_file, .audience = "kubernetes"};
    return s;
  }
  void make(ExchangedTokens::Limits limits) {
    tokens = std::make_unique<ExchangedTokens>(
        loop, resolver, std::vector{with_exchange()},
        ExchangedTokens::Options{.user_agent = "test",
                                 .getenv = [](const char*) -> const char* { return nullptr; },
                                 .limits = limits});
  }
  // The token of one caller, "ann", is said to end in an hour.
  ExchangedTokens::Subject subject(std::string_view token, std::string_view name = "ann",
                                   base::Duration left = base::hours(1)) {
    return {token, issuer_url, name, name, loop.now() + left};
  }
  State prepare(const ExchangedTokens::Subject& s) { return tokens->prepare(s); }
  // Until no exchange is under way.
  void settle() {
    EXPECT_TRUE(until([&] { return tokens->counts().under_way == 0; }));
  }
  // What becomes of it, with what an exchange would show.
  State got(const ExchangedTokens::Subject& s) {
    if (const State state = prepare(s); state != State::running) return state;
    settle();
    return prepare(s);
  }
  Request& request(const std::string& name = "ann") {
    Request& one = *requests.emplace_back(std::make_unique<Request>(*tokens, name));
    one.start();
    return one;
  }
  std::string token_now(const std::string& name = "ann") {
    return tokens->prepare(name) == State::ready ? tokens->token(name) : "";
  }
  void go_by(base::Duration time) {
    clock.advance(time);
    tick.arm(base::Duration::zero());
    loop.run_once();
    settle();
  }
  // The same for longer than what is not used is kept.
  void live(base::Duration time) {
    for (base::Duration each = minutes(1); time > base::Duration::zero(); time -= each) {
      go_by(std::min<base::Duration>(each, time));
      token_now();
    }
  }
  std::size_t posts() const { return asked("/token"); }
  const Seen& last_post() const {
    for (auto at = idp.seen.rbegin(); at != idp.seen.rend(); ++at)
      if (at->target == "/token") return *at;
    return idp.seen.front();
  }

  static FakeAnswer good(const std::string& token, int seconds_left = 300) {
    return {.body = R"({"access_token":")" + token + R"(","token_type":"Bearer","expires_in":)" +
                    std::to_string(seconds_left) + "}"};
  }
  static FakeAnswer refusal(const std::string& error) {
    return {.status = 400, .body = R"({"error":")" + error + "\"}"};
  }
  std::string write_secret(const std::string& text) {
    const std::string path = dir.write("secret", text);
    ::chmod(path.c_str(), 0600);
    return path;
  }

  int made = 0;
  std::function<FakeAnswer(const Seen&)> token_endpoint = [this](const Seen&) {
    return good("exchanged-" + std::to_string(++made));
  };
  const std::string issuer_url = url();
  const std::string secret_file = write_secret("s3cr3t+/\n");
  std::unique_ptr<ExchangedTokens> tokens;
  std::vector<std::unique_ptr<Request>> requests;
  loop::Timer tick{loop, "tick", loop::Timer::Fn::bind<&Exchanges::nothing>(this)};
  void nothing() {}
};

TEST_F(Exchanges, AskTheIssuerAsTheClientOfTheSettings) {
  EXPECT_EQ(got(subject("t.1.x")), State::ready);
  EXPECT_EQ(token_now(), "exchanged-1");
  ASSERT_EQ(posts(), 1u);
  EXPECT_EQ(last_post().method, "POST");
  EXPECT_EQ(last_post().header("Content-Type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(last_post().header("Authorization"),
            "Basic " + base::base64("mcp%20client:s3cr3t%2B%2F"));
  EXPECT_NE(last_post().body.find("subject_token=t.1.x&"), std::string::npos);
  EXPECT_NE(last_post().body.find("audience=kubernetes"), std::string::npos);
  EXPECT_EQ(last_post().body.find("s3cr3t"), std::string::npos);
}

TEST_F(Exchanges, TheSecretGoesIntoTheFormWhereTheIssuerTakesItThereAlone) {
  answers["/.well-known/openid-configuration"].body =
      object({{"issuer", quote(url())},
              {"token_endpoint", quote(url() + "/token")},
              {"token_endpoint_auth_methods_supported", R"(["client_secret_post"])"}});
  EXPECT_EQ(got(subject("t.1.x")), State::ready);
  EXPECT_EQ(last_post().header("Authorization"), "");
  EXPECT_TRUE(last_post().body.ends_with("&client_id=mcp%20client&client_secret=s3cr3t%2B%2F"));
}

TEST_F(Exchanges, TheSecretIsReadAgainForEach) {
  EXPECT_EQ(got(subject("t.1.x")), State::ready);
  write_secret("another");
  EXPECT_EQ(got(subject("t.2.x", "bob")), State::ready);
  EXPECT_EQ(last_post().header("Authorization"), "Basic " + base::base64("mcp%20client:another"));
  ::chmod(secret_file.c_str(), 0666);
  EXPECT_EQ(got(subject("t.3.x", "eve")), State::failed) << "others could have written it";
  EXPECT_EQ(tokens->error().code(), base::Errc::unavailable);
  EXPECT_EQ(posts(), 2u);
}

TEST_F(Exchanges, OneServesAllRequestsOfACallerAtOnce) {
  EXPECT_EQ(prepare(subject("t.1.x")), State::running);
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(prepare(subject("t.1.x")), State::running);
  settle();
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(request().token, "exchanged-1");
  EXPECT_EQ(posts(), 1u);
}

TEST_F(Exchanges, OneForEachOfManyCallersAndSomeAtATime) {
  tokens.reset();
  make({.tokens = 100, .bytes = 1 << 20, .line = {.under_way = 3}});
  for (int i = 0; i < 20; ++i) {
    const std::string name = "caller-" + std::to_string(i);
    EXPECT_EQ(prepare(subject("t." + name + ".x", name)), State::running);
  }
  std::size_t most = 0;
  EXPECT_TRUE(until([&] {
    most = std::max(most, tokens->counts().under_way);
    return tokens->counts().exchanged == 20;
  }));
  EXPECT_EQ(most, 3u);
  EXPECT_EQ(posts(), 20u);
  std::set<std::string> all;
  for (int i = 0; i < 20; ++i)
    all.insert(token_now("caller-" + std::to_string(i)));
  EXPECT_EQ(all.size(), 20u) << "each has its own";
}

TEST_F(Exchanges, ATokenIsUsedUntilItIsDueAndRenewedBeforeItEnds) {
  EXPECT_EQ(got(subject("t.1.x")), State::ready);
  live(minutes(3));
  EXPECT_EQ(token_now(), "exchanged-1");
  EXPECT_EQ(posts(), 1u);
  go_by(seconds(60));  // 300 s of life, less 10, less 60
  EXPECT_EQ(token_now(), "exchanged-1") << "no request waits for the next one";
  settle();
  EXPECT_EQ(token_now(), "exchanged-2");
  EXPECT_EQ(posts(), 2u);
}

TEST_F(Exchanges, AnExpiredTokenIsNotSentAndRequestsWaitForTheNext) {
  EXPECT_EQ(got(subject("t.1.x")), State::ready);
  live(minutes(3));
  go_by(seconds(111));
  Request& one = request();
  Request& two = request();
  EXPECT_EQ(one.state, State::running);
  EXPECT_EQ(two.state, State::running);
  settle();
  EXPECT_EQ(one.token, "exchanged-2");
  EXPECT_EQ(two.token, "exchanged-2");
  EXPECT_EQ(one.woken, 1);
  EXPECT_EQ(posts(), 2u);
}

TEST_F(Exchanges, TheExpOfATokenCountsWhenItIsEarlier) {
  token_endpoint = [this](const Seen&) {
    return good(
        test::ec_signer().token("ES256", header(), object({{"exp", std::to_string(now() + 100)}})),
        3600);
  };
  EXPECT_EQ(got(subject("t.1.x")), State::ready);
  go_by(seconds(91));
  EXPECT_EQ(request().state, State::running);
}

TEST_F(Exchanges, ATokenIsUsedNoLongerThanTheCallersOwnCounts) {
  EXPECT_EQ(got(subject("t.1.x", "ann", seconds(60))), State::ready);
  go_by(seconds(59));
  EXPECT_NE(token_now(), "");
  go_by(seconds(1));
  EXPECT_EQ(tokens->prepare("ann"), State::failed);
  EXPECT_EQ(tokens->error().code(), base::Errc::unauthorized);
  settle();
  EXPECT_EQ(posts(), 1u) << "an expired token is not exchanged";
}

TEST_F(Exchanges, ARefusalHoldsForAWhile) {
  token_endpoint = [](const Seen&) { return refusal("invalid_grant"); };
  EXPECT_EQ(got(subject("t.1.x")), State::failed);
  EXPECT_EQ(tokens->error().code(), base::Errc::unauthorized);
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(prepare(subject("t.1.x")), State::failed);
  EXPECT_EQ(posts(), 1u);
  token_endpoint = [](const Seen&) { return good("later"); };
  go_by(auth::kRefusedPause);
  EXPECT_EQ(got(subject("t.1.x")), State::ready);
}

TEST_F(Exchanges, ARenewalThatIsRefusedEndsTheTokenBeforeItsTime) {
  EXPECT_EQ(got(subject("t.1.x")), State::ready);
  live(minutes(3));
  go_by(minutes(1));
  token_endpoint = [](const Seen&) { return refusal("access_denied"); };
  EXPECT_NE(token_now(), "");
  settle();
  EXPECT_EQ(tokens->prepare("ann"), State::failed);
  EXPECT_EQ(tokens->error().code(), base::Errc::forbidden);
}

TEST_F(Exchanges, WhileTheIssuerIsAwayATokenServesToItsEndAndItIsAskedEverLessOften) {
  EXPECT_EQ(got(subject("t.1.x")), State::ready);
  live(minutes(3));
  go_by(minutes(1));
  token_endpoint = [](const Seen&) { return FakeAnswer{.status = 503}; };
  for (int i = 0; i < 49; ++i) {
    EXPECT_EQ(token_now(), "exchanged-1") << i;
    go_by(seconds(1));
  }
  EXPECT_LE(posts(), 1u + 6) << "after 1, 2, 4, 8, 16, 32 s";
  go_by(seconds(1));
  const State over = tokens->prepare("ann");
  EXPECT_NE(over, State::ready);
  settle();
  EXPECT_EQ(tokens->prepare("ann"), State::failed);
  EXPECT_EQ(tokens->error().code(), base::Errc::unavailable);
  token_endpoint = [](const Seen&) { return good("back"); };
  go_by(seconds(75));
  EXPECT_EQ(got(subject("t.1.x")), State::ready);
  EXPECT_EQ(token_now(), "back");
}

TEST_F(Exchanges, AnIssuerWithoutATokenEndpointIsAskedForItAgain) {
  answers["/.well-known/openid-configuration"].body =
      object({{"issuer", quote(url())}, {"token_endpoint", quote("http://127.0.0.1/token")}});
  EXPECT_EQ(got(subject("t.1.x")), State::failed);
  EXPECT_NE(log.find("token_endpoint \\\"http://127.0.0.1/token\\\" must be an https"),
            std::string::npos)
      << log;
  answers["/.well-known/openid-configuration"].body =
      object({{"issuer", quote(url())}, {"token_endpoint", quote(url() + "/token")}});
  go_by(seconds(2));
  EXPECT_EQ(got(subject("t.1.x")), State::ready);
}

TEST_F(Exchanges, TheMetadataOfAnotherIssuerNameNoEndpoint) {
  answers["/.well-known/openid-configuration"].body = object(
      {{"issuer", quote("https://evil.example")}, {"token_endpoint", quote(url() + "/token")}});
  EXPECT_EQ(got(subject("t.1.x")), State::failed);
  EXPECT_EQ(posts(), 0u) << "neither the token nor the secret went anywhere";
}

TEST_F(Exchanges, ARedirectOfTheTokenEndpointIsNotFollowed) {
  token_endpoint = [this](const Seen&) {
    return FakeAnswer{.status = 307, .extra = "Location: " + url() + "/elsewhere\r\n"};
  };
  EXPECT_EQ(got(subject("t.1.x")), State::failed);
  EXPECT_EQ(tokens->error().code(), base::Errc::unavailable);
  EXPECT_EQ(asked("/elsewhere"), 0u);
}

TEST_F(Exchanges, RequestsUseTheTokenOfTheOneThatEndsLast) {
  EXPECT_EQ(got(subject("t.1.x", "ann", minutes(10))), State::ready);
  EXPECT_EQ(got(subject("t.2.x", "ann", minutes(30))), State::ready);
  EXPECT_EQ(token_now(), "exchanged-2");
  EXPECT_EQ(got(subject("t.3.x", "ann", minutes(20))), State::ready) << "exchanged, too";
  EXPECT_EQ(token_now(), "exchanged-2");
  EXPECT_EQ(posts(), 3u);
}

TEST_F(Exchanges, WhenTheTokenInUseEndsAnotherOfTheCallersTakesItsPlace) {
  EXPECT_EQ(got(subject("t.1.x", "ann", minutes(30))), State::ready);
  EXPECT_EQ(got(subject("t.2.x", "ann", minutes(20))), State::ready);
  EXPECT_EQ(token_now(), "exchanged-1");
  live(minutes(2));
  EXPECT_EQ(prepare(subject("t.2.x")), State::ready) << "its caller is there, too";
  go_by(minutes(2));
  token_endpoint = [this](const Seen& seen) {
    if (seen.body.find("t.1.x") != std::string::npos) return refusal("invalid_grant");
    return good("exchanged-" + std::to_string(++made));
  };
  EXPECT_NE(token_now(), "");  // begins the renewal, which is refused
  settle();
  EXPECT_EQ(token_now(), "exchanged-2");
}

TEST_F(Exchanges, OneThatTheApiServerRefusesIsRenewedOnce) {
  EXPECT_EQ(got(subject("t.1.x")), State::ready);
  const std::uint64_t first = tokens->stamp("ann");
  EXPECT_TRUE(tokens->refused("ann", first));
  EXPECT_EQ(request().state, State::running);
  settle();
  EXPECT_EQ(token_now(), "exchanged-2");
  EXPECT_TRUE(tokens->refused("ann", first)) << "there is another one by now";
  EXPECT_FALSE(tokens->refused("ann", tokens->stamp("ann"))) << "refused, too";
  EXPECT_FALSE(tokens->refused("nobody", 1));
  go_by(auth::kUntakenPause);
  EXPECT_TRUE(tokens->refused("ann", tokens->stamp("ann")));
}

// All but the first of the requests under way failed with the 401, although the next token came.
TEST_F(Exchanges, AllRequestsThatTheApiServerRefusesWaitForTheNextToken) {
  EXPECT_EQ(got(subject("t.1.x")), State::ready);
  const std::uint64_t first = tokens->stamp("ann");
  EXPECT_TRUE(tokens->refused("ann", first));
  const Request& one = request();
  EXPECT_TRUE(tokens->refused("ann", first));
  const Request& other = request();
  settle();
  EXPECT_EQ(one.token, "exchanged-2");
  EXPECT_EQ(other.token, "exchanged-2");
}

// What was retired was still called in the same turn, and began the next exchange.
TEST_F(Exchanges, NothingIsToldAfterCloseInTheSameTurn) {
  ::chmod(secret_file.c_str(), 0666);
  tokens.reset();
  auth::IssuerSettings s = with_exchange();
  s.exchange->endpoint = url() + "/token";
  tokens = std::make_unique<ExchangedTokens>(loop, resolver, std::vector{s},
                                             ExchangedTokens::Options{.user_agent = "test"});
  struct Closer {
    ExchangedTokens& tokens;
    void close() { tokens.close(); }
  } closer{*tokens};
  loop::Deferred close{loop, "close", loop::Deferred::Fn::bind<&Closer::close>(&closer)};
  close.schedule();
  EXPECT_EQ(prepare(subject("t.1.x")), State::running) << "fails in the same turn";
  loop.run_once();
  EXPECT_EQ(tokens->counts().failed, 0u);
}

TEST_F(Exchanges, TheNumberKeptIsBoundedAndTheOneUsedLongestAgoGoes) {
  tokens.reset();
  make({.tokens = 3, .bytes = 1 << 20, .line = {.under_way = 3}});
  for (const char* name : {"a", "b", "c"})
    EXPECT_EQ(got(subject("t." + std::string(name) + ".x", name)), State::ready);
  EXPECT_NE(token_now("a"), "");
  EXPECT_EQ(got(subject("t.d.x", "d")), State::ready);
  EXPECT_EQ(tokens->counts().kept, 3u);
  EXPECT_EQ(token_now("b"), "");
  EXPECT_EQ(tokens->error().code(), base::Errc::unavailable)
      << "its caller's next request brings it";
  EXPECT_NE(token_now("a"), "");
}

TEST_F(Exchanges, TheirBytesAreBounded) {
  tokens.reset();
  make({.tokens = 100, .bytes = 20'000, .line = {.under_way = 3}});
  token_endpoint = [](const Seen&) { return good(std::string(6000, 'x')); };
  for (int i = 0; i < 8; ++i) {
    const std::string name = std::to_string(i);
    EXPECT_EQ(got(subject("t." + name + ".x", name)), State::ready);
  }
  EXPECT_LE(tokens->counts().kept, 4u);
}

TEST_F(Exchanges, WhatIsNotUsedAnyMoreIsLetGo) {
  EXPECT_EQ(got(subject("t.1.x")), State::ready);
  EXPECT_EQ(got(subject("t.2.x", "bob")), State::ready);
  for (int i = 0; i < 4; ++i) {
    go_by(minutes(1));
    EXPECT_NE(token_now("bob"), "") << i;
  }
  settle();
  EXPECT_EQ(tokens->counts().kept, 1u);
  EXPECT_EQ(got(subject("t.1.x")), State::ready) << "and got again when it is wanted";
}

// All of one caller's tokens were kept: it could let go of everybody else's.
TEST_F(Exchanges, ACallerMakesRoomForItsOwnTokens) {
  tokens.reset();
  make({.tokens = 100, .bytes = 1 << 20, .tokens_of_caller = 3});
  EXPECT_EQ(got(subject("t.b.x", "bob")), State::ready);
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(got(subject("t." + std::to_string(i) + ".x", "ann")), State::ready) << i;
  EXPECT_EQ(tokens->counts().kept, 4u);
  EXPECT_NE(token_now("ann"), "") << "with the last ones";
  EXPECT_NE(token_now("bob"), "");
}

TEST_F(Exchanges, ACallerWhoseShareIsBeingExchangedIsThrottled) {
  tokens.reset();
  make({.tokens = 100, .bytes = 1 << 20, .tokens_of_caller = 3});
  token_endpoint = [](const Seen&) { return FakeAnswer{.silent = true}; };
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(prepare(subject("t." + std::to_string(i) + ".x", "ann")), State::running);
  EXPECT_EQ(prepare(subject("t.4.x", "ann")), State::failed);
  EXPECT_EQ(tokens->error().code(), base::Errc::throttled);
  EXPECT_EQ(prepare(subject("t.b.x", "bob")), State::running);
  EXPECT_EQ(tokens->counts().kept, 4u);
}

TEST_F(Exchanges, WhatFindsNoPlaceInTheLineIsNotKept) {
  tokens.reset();
  make({.tokens = 100, .bytes = 1 << 20, .line = {.under_way = 2, .waiting = 1}});
  token_endpoint = [](const Seen&) { return FakeAnswer{.silent = true}; };
  for (const char* name : {"a", "b", "c"})
    EXPECT_EQ(prepare(subject("t." + std::string(name) + ".x", name)), State::running);
  EXPECT_EQ(prepare(subject("t.d.x", "d")), State::failed);
  EXPECT_EQ(tokens->error().code(), base::Errc::unavailable);
  EXPECT_EQ(tokens->counts().kept, 3u);
  EXPECT_EQ(tokens->counts().full, 1u);
}

// "The issuer could not be reached" was said of a token that had ended meanwhile.
TEST_F(Exchanges, ATokenThatHasEndedIsSaidToHaveWhateverFailedBefore) {
  token_endpoint = [](const Seen&) { return FakeAnswer{.status = 503}; };
  EXPECT_EQ(got(subject("t.1.x", "ann", seconds(45))), State::failed);
  EXPECT_EQ(tokens->prepare("ann"), State::failed);
  EXPECT_EQ(tokens->error().code(), base::Errc::unavailable);
  go_by(auth::kSweep + seconds(1));  // what has ended by then is let go
  go_by(seconds(45) - auth::kSweep);
  EXPECT_EQ(tokens->prepare("ann"), State::failed);
  EXPECT_EQ(tokens->error().code(), base::Errc::unauthorized) << tokens->error().what();
}

// Addresses, file names and whatever an issuer writes reached the callers.
TEST_F(Exchanges, ACallerReadsNothingThatTheIssuerWroteFreely) {
  constexpr const char* kWords = "ask bob in room 7";
  for (const char* error : {"invalid_grant", "access_denied", "invalid_client", "a b\\u0007c"}) {
    token_endpoint = [error](const Seen&) {
      return FakeAnswer{.status = 400,
                        .body = R"({"error":")" + std::string(error) +
                                R"(","error_description":")" + kWords + "\"}"};
    };
    log.clear();
    base::log::configure({.level = base::log::Level::debug});
    EXPECT_EQ(got(subject("t." + std::string(error) + ".x", error)), State::failed);
    base::log::configure({});
    const std::string told = tokens->error().what();
    EXPECT_EQ(told.find(kWords), std::string::npos) << told;
    EXPECT_NE(log.find(kWords), std::string::npos) << "it is for the operator";
    const bool known = tokens->error().code() != base::Errc::unavailable;
    EXPECT_EQ(known,
              error == std::string("invalid_grant") || error == std::string("access_denied"));
    EXPECT_EQ(told.find(error) != std::string::npos, known) << told;
  }
  ::chmod(secret_file.c_str(), 0666);
  EXPECT_EQ(got(subject("t.9.x", "eve")), State::failed);
  EXPECT_EQ(tokens->error().what().find(secret_file), std::string::npos);
}

TEST_F(Exchanges, NoLogHasATokenOrTheSecret) {
  base::log::configure({.level = base::log::Level::debug});
  EXPECT_EQ(got(subject("subject-token.x.y")), State::ready);
  token_endpoint = [](const Seen& seen) {
    return FakeAnswer{.status = 400,
                      .body = R"({"error":"invalid_grant","error_description":"no"})",
                      .extra = "X-Echo: " + seen.header("Authorization") + "\r\n"};
  };
  EXPECT_EQ(got(subject("other-subject.x.y", "bob")), State::failed);
  base::log::configure({});
  for (const char* part : {"exchanged-1", "subject-token", "other-subject", "s3cr3t"})
    EXPECT_EQ(log.find(part), std::string::npos) << part;
  EXPECT_EQ(tokens->error().what().find("other-subject"), std::string::npos);
}

}  // namespace
