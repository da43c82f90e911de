// Who is asking: before anything is read, per session, and again while streams go on.
#include <gtest/gtest.h>

#include "mcp/shared/recheck.h"
#include "support/mcp_world.h"

namespace {

using test::Answer;

struct McpAuth : test::McpWorld {
  McpAuth() { auth.anonymous = false; }
  const std::string alice = bearer("alice-1"), alice2 = bearer("alice-2"), bob = bearer("bob-1");
};

TEST_F(McpAuth, IsAskedBeforeAnythingOfTheRequestIsRead) {
  for (const char* verb : {"POST", "GET", "DELETE"}) {
    const Answer a = ask_http(verb, "Content-Type: x/y\r\nAccept: x/y\r\n", "not json");
    EXPECT_EQ(a.status, 401) << verb;
    EXPECT_EQ(a.header("WWW-Authenticate"), "Bearer");
    EXPECT_EQ(a.body, "a token is needed\n");
  }
  const Answer unknown = post("not json", bearer("nobody"));
  EXPECT_EQ(unknown.status, 401);
  EXPECT_EQ(unknown.header("WWW-Authenticate"), "Bearer error=\"invalid_token\"");
  EXPECT_EQ(ask_http("PUT", {}).status, 405) << "verbs come first";
}

TEST_F(McpAuth, OtherRefusalsKeepTheirStatus) {
  auth.refusal = 503;
  const Answer a = post("x", bearer("nobody"));
  EXPECT_EQ(a.status, 503);
  EXPECT_EQ(a.header("Retry-After"), "5");
  EXPECT_EQ(a.header("WWW-Authenticate"), "");
  auth.retry_after = base::milliseconds(39'001);
  EXPECT_EQ(post("x", bearer("nobody")).header("Retry-After"), "40");
  auth.retry_after = {};
  EXPECT_EQ(post("x", bearer("nobody")).header("Retry-After"), "1");
  auth.refusal = 403;
  EXPECT_EQ(post("x", bearer("nobody")).status, 403);
}

TEST_F(McpAuth, MayBeAnsweredLater) {
  auth.later = true;
  auto peer = post_later(rpc("initialize", R"({"protocolVersion":"2025-06-18"})"), alice);
  EXPECT_EQ(answer_of(*peer).status, 0);
  EXPECT_EQ(auth.asked, 1);
  auth.answer();
  settle();
  EXPECT_EQ(answer_of(*peer).status, 200);
  const std::string session = answer_of(*peer).header("Mcp-Session-Id");
  auto get = std::make_unique<test::EventStream>();
  get->peer = connect();
  get->peer->send(request("GET", in(session) + alice, {}));
  settle();
  auth.answer();
  settle();
  get->read();
  EXPECT_EQ(get->comments(), "open");
  auto refused = post_later("{}", bearer("nobody"));
  auth.answer();
  settle();
  EXPECT_EQ(answer_of(*refused).status, 401);
}

// Last-Event-ID was a view into the buffer that all connections read into.
TEST_F(McpAuth, AReturningClientIsKnownByItsEventIdWhateverComesMeanwhile) {
  const std::string session = open("2025-11-25", alice);
  subscribe(session, "test://a", alice);
  listen(session, alice)->peer->close();
  settle();
  ASSERT_TRUE(family->feeds.at(0)->say("1"));
  auth.later = true;
  auto get = std::make_unique<test::EventStream>();
  get->peer = connect();
  get->peer->send(request("GET", in(session) + alice + returning(session, "s0_0"), {}));
  settle();
  ASSERT_EQ(auth.questions.size(), 1u);
  ask_http("PUT", "X: " + std::string(2000, 'x') + "\r\n");
  auth.answer();
  settle();
  get->read();
  EXPECT_EQ(get->head().status, 200) << get->raw;
  EXPECT_EQ(get->data().size(), 1u) << get->raw;
}

TEST_F(McpAuth, AClientThatLeavesMeanwhileIsForgotten) {
  auth.later = true;
  auto peer = post_later(rpc("ping"), alice);
  ASSERT_EQ(auth.questions.size(), 1u);
  peer->close();
  settle();
  // A closed peer is noticed when there is something to write to it, or by its reset.
  while (!auth.questions.empty())
    auth.answer();
  settle();
  EXPECT_EQ(sessions(), 0u);
}

TEST_F(McpAuth, ShutdownAnswersThoseWhoWait) {
  auth.later = true;
  auto peer = post_later(rpc("ping"), alice);
  endpoint->begin_drain();
  endpoint->abandon_calls("going down");
  settle();
  EXPECT_EQ(answer_of(*peer).status, 503);
  EXPECT_TRUE(auth.questions.empty()) << "cancelled";
}

TEST_F(McpAuth, ASessionBelongsToItsIdentity) {
  const std::string session = open("2025-11-25", alice);
  EXPECT_EQ(post(rpc("ping"), in(session) + alice).status, 200);
  for (const char* verb : {"POST", "GET", "DELETE"}) {
    const Answer a = ask_http(verb, in(session) + bob, verb[0] == 'P' ? rpc("ping") : "");
    EXPECT_EQ(a.status, 404) << verb;
    EXPECT_TRUE(a.has("-32001")) << "as one that never was: " << a.body;
  }
  EXPECT_EQ(post(rpc("ping"), in(session)).status, 401);
  EXPECT_EQ(post(rpc("ping"), in(session) + alice).status, 200) << "still its owner's";
}

TEST_F(McpAuth, ARefreshedTokenIsUsedFromThenOn) {
  const std::string session = open("2025-11-25", alice);
  subscribe(session, "test://a", alice);
  const std::string call = rpc("tools/call", R"({"name":"test.echo","arguments":{"text":"x"}})");
  post(call, in(session) + alice);
  EXPECT_EQ(family->feeds.at(0)->bearer, "");
  post(call, in(session) + alice2);
  EXPECT_EQ(echo->bearers, (std::vector<std::string>{"alice-1", "alice-2"}));
  EXPECT_EQ(family->feeds.at(0)->bearer, "alice-2");
}

// ---- again while streams go on

struct McpRecheck : McpAuth {
  McpRecheck() {
    auth.expire = true;
    restart({});
    session = open("2025-11-25", alice);
    subscribe(session, "test://a", alice);
    stream = listen(session, alice);
  }
  bool alive() { return post(rpc("ping"), in(session) + alice2).status == 200; }
  std::string session;
  std::unique_ptr<test::EventStream> stream;
};

TEST_F(McpRecheck, AGoodTokenGoesOn) {
  for (int i = 0; i < 3; ++i)
    pass(mcp::shared::kRecheck);
  EXPECT_TRUE(alive());
  EXPECT_FALSE(stream->ended());
}

TEST_F(McpRecheck, ARefusedTokenEndsTheStreamWithAReason) {
  auth.identities.erase("alice-1");
  pass(mcp::shared::kRecheck);
  settle();
  EXPECT_TRUE(stream->ended());
  ASSERT_EQ(stream->data().size(), 2u) << "the feed's last words, and the stream's";
  EXPECT_TRUE(test::contains(stream->data()[0], "no longer accepted: the token was refused"));
  EXPECT_TRUE(test::contains(stream->data()[1], "no longer accepted: the token was refused"));
  EXPECT_TRUE(family->feeds.empty());
  EXPECT_EQ(post(rpc("ping"), in(session) + alice).status, 401);
  EXPECT_TRUE(alive()) << "for the next token";
  auto next = listen(session, alice2);
  ASSERT_EQ(next->data().size(), 1u);
  EXPECT_TRUE(test::contains(next->data()[0],
                             "the token was refused: these subscriptions were "
                             "dropped, subscribe again: test://a"));
  EXPECT_TRUE(test::contains(log, "\"session waits for another token\",\"session\":\"" +
                                      session.substr(0, 8) +
                                      "\",\"reason\":\"the caller's token is no longer accepted"))
      << log;
}

// It lives by no token: whoever comes next shows one.
TEST_F(McpRecheck, AnIdleSessionOutlivesARefusedTokenThatItShares) {
  const std::string idle = open("2025-11-25", bearer("alice-1"));
  auth.identities.erase("alice-1");
  pass(mcp::shared::kRecheck);
  settle();
  EXPECT_TRUE(stream->ended());
  EXPECT_EQ(sessions(), 2u);
  EXPECT_FALSE(test::contains(log, "another token\",\"session\":\"" + idle.substr(0, 8))) << log;
  EXPECT_EQ(post(rpc("ping"), in(idle) + bearer("alice-1")).status, 401);
  EXPECT_EQ(post(rpc("ping"), in(idle) + bearer("bob-1")).status, 404);
  EXPECT_EQ(post(rpc("ping"), in(idle) + bearer("alice-2")).status, 200);
}

TEST_F(McpRecheck, ATokenThatIsAnotherCallersNowEndsItToo) {
  auth.identities["alice-1"] = "mallory";
  pass(mcp::shared::kRecheck);
  settle();
  EXPECT_TRUE(stream->ended());
  EXPECT_TRUE(family->feeds.empty());
  EXPECT_EQ(post(rpc("ping"), in(session) + alice).status, 404) << "mallory's";
}

TEST_F(McpRecheck, ThatItCannotBeCheckedEndsNothing) {
  auth.identities.erase("alice-1");
  auth.refusal = 503;
  pass(mcp::shared::kRecheck);
  EXPECT_TRUE(alive());
  EXPECT_FALSE(stream->ended());
}

TEST_F(McpRecheck, WhatCannotBeCheckedIsBorneForFiveMinutes) {
  auth.refusal = 503;
  auth.identities.erase("alice-1");
  const int before = auth.asked;
  for (int i = 1; i < 10; ++i)
    pass(base::seconds(30));
  EXPECT_EQ(auth.asked - before, 8) << "kRecheck after the last yes, and then every kRecheckAgain";
  pass(base::seconds(29));
  EXPECT_FALSE(stream->ended());
  pass(base::seconds(1));
  settle();
  EXPECT_TRUE(stream->ended());
  EXPECT_TRUE(test::contains(stream->data().at(0), "could not be checked for 5m"));
  EXPECT_TRUE(family->feeds.empty());
}

TEST_F(McpRecheck, AQuestionThatIsNotAnsweredIsNotBorneLonger) {
  auth.later = true;
  pass(mcp::shared::kRecheck);
  EXPECT_EQ(auth.questions.size(), 1u);
  pass(mcp::shared::kUncheckedTime - mcp::shared::kRecheck - base::seconds(1));
  EXPECT_FALSE(stream->ended());
  pass(base::seconds(1));
  settle();
  EXPECT_TRUE(stream->ended());
  EXPECT_TRUE(auth.questions.empty());
}

TEST_F(McpRecheck, AYesInBetweenBeginsTheFiveMinutesAnew) {
  auth.refusal = 503;
  auth.identities.erase("alice-1");
  for (int i = 0; i < 8; ++i)
    pass(base::seconds(30));
  auth.identities["alice-1"] = "alice";
  pass(base::seconds(30));
  auth.identities.erase("alice-1");
  for (int i = 0; i < 9; ++i)
    pass(base::seconds(30));
  EXPECT_FALSE(stream->ended());
}

TEST_F(McpRecheck, AStreamEndsWhenItsTokenDoes) {
  restart({});
  auth.ends["alice-1"] = loop.now() + base::seconds(30);
  session = open("2025-11-25", alice);
  subscribe(session, "test://a", alice);
  stream = listen(session, alice);
  const int before = auth.asked;
  pass(base::seconds(29));
  EXPECT_FALSE(stream->ended());
  pass(base::seconds(1));
  settle();
  EXPECT_TRUE(stream->ended());
  EXPECT_TRUE(test::contains(stream->data().at(0), "the caller's token has expired"));
  EXPECT_EQ(auth.asked, before) << "the token says so itself";
}

// Bug: the session ended with its token. Clients get another token when theirs is refused, and were
// then told that there was no such session, for good: most do not initialize again.
TEST_F(McpRecheck, WithTheNextTokenTheStreamGoesOnWithoutAGap) {
  restart({});
  auth.ends["alice-1"] = loop.now() + base::seconds(30);
  session = open("2025-11-25", alice);
  subscribe(session, "test://a", alice);
  stream = listen(session, alice);
  family->feeds.at(0)->say("1");
  settle();
  const std::size_t seen = stream->data().size();
  pass(base::seconds(30));
  settle();
  ASSERT_TRUE(stream->ended());
  const std::string last = stream->events().back().id;
  ASSERT_EQ(family->feeds.size(), 1u);
  family->feeds.at(0)->say("2");
  settle();
  EXPECT_EQ(stream->data().size(), seen + 1) << "the reason, and nothing after it";
  auto next = listen(session, alice2 + returning(session, last));
  EXPECT_EQ(next->head().status, 200);
  ASSERT_EQ(next->data().size(), 1u) << next->raw;
  EXPECT_TRUE(test::contains(next->data()[0], "test://a"));
  pass(base::minutes(2));
  EXPECT_FALSE(next->ended());
}

TEST_F(McpRecheck, WithoutANextTokenTheSubscriptionsEndAfterTheResumeWindow) {
  mcp::shared::Options options;
  options.resume_window = base::seconds(60);
  restart(options);
  auth.ends["alice-1"] = loop.now() + base::seconds(30);
  session = open("2025-11-25", alice);
  subscribe(session, "test://a", alice);
  stream = listen(session, alice);
  pass(base::seconds(30));
  pass(base::seconds(59));
  EXPECT_EQ(family->feeds.size(), 1u);
  pass(base::seconds(1));
  EXPECT_TRUE(family->feeds.empty());
  EXPECT_TRUE(alive());
  auto next = listen(session, alice2);
  ASSERT_EQ(next->data().size(), 1u);
  EXPECT_TRUE(test::contains(next->data()[0], "dropped, subscribe again: test://a"));
}

TEST_F(McpRecheck, ASubscriptionThatIsNotAnsweredEndsWithItsToken) {
  restart({});
  auth.ends["alice-1"] = loop.now() + base::seconds(30);
  session = open("2025-11-25", alice);
  family->mode = test::TestFamily::Mode::wait;
  auto peer = post_later(rpc("resources/subscribe", R"({"uri":"test://b"})"), in(session) + alice);
  pass(base::seconds(30));
  settle();
  EXPECT_TRUE(answer_of(*peer).has("the caller's token has expired")) << answer_of(*peer).body;
  EXPECT_TRUE(family->feeds.empty());
  EXPECT_TRUE(alive());
}

TEST_F(McpRecheck, ANewerTokenOfTheSameIdentityProlongsIt) {
  restart({});
  auth.ends["alice-1"] = loop.now() + base::seconds(30);
  session = open("2025-11-25", alice);
  subscribe(session, "test://a", alice);
  stream = listen(session, alice);
  pass(base::seconds(20));
  EXPECT_TRUE(alive()) << "with alice-2";
  pass(base::minutes(3));
  EXPECT_FALSE(stream->ended());
}

TEST_F(McpRecheck, EachTokenIsAskedAboutOnceAndOnlyForSessionsInUse) {
  open("2025-11-25", bob);  // has neither stream nor subscription
  const std::string other = open("2025-11-25", alice2);
  auto another = listen(other, alice2);
  auto one_more = listen(open("2025-11-25", alice2), alice2);
  auth.later = true;
  pass(mcp::shared::kRecheck);
  EXPECT_EQ(auth.questions.size(), 2u) << "alice-1 and alice-2";
  pass(mcp::shared::kRecheck);
  EXPECT_EQ(auth.questions.size(), 2u) << "not again while it is being asked about";
  auth.answer();
  auth.answer();
  settle();
  EXPECT_EQ(auth.asked, 2);
}

TEST_F(McpRecheck, ASessionThatGetsAStreamLaterIsAskedAboutThen) {
  const std::string quiet = open("2025-11-25", bob);
  pass(base::minutes(10));
  const int before = auth.asked;
  auto his = listen(quiet, bob);
  pass(mcp::shared::kRecheck);
  EXPECT_GT(auth.asked, before);
  auth.identities.erase("bob-1");
  pass(mcp::shared::kRecheck);
  settle();
  EXPECT_TRUE(his->ended());
}

TEST_F(McpRecheck, ATokenRefreshedMeanwhileIsNotJudgedByTheOldOne) {
  auth.later = true;
  pass(mcp::shared::kRecheck);
  EXPECT_EQ(auth.questions.size(), 1u);
  auth.later = false;
  EXPECT_TRUE(alive()) << "with alice-2";
  auth.identities.erase("alice-1");
  EXPECT_TRUE(auth.questions.empty()) << "nothing lives by it any more";
  pass(mcp::shared::kRecheck);
  EXPECT_TRUE(alive());
}

TEST_F(McpRecheck, ASessionThatEndsMeanwhileIsSkipped) {
  auth.later = true;
  pass(mcp::shared::kRecheck);
  auth.later = false;
  ask_http("DELETE", in(session) + alice);
  settle();
  EXPECT_TRUE(auth.questions.empty());
  EXPECT_EQ(sessions(), 0u);
}

TEST_F(McpRecheck, ManySessionsOfOneTokenEndTogether) {
  std::vector<std::unique_ptr<test::EventStream>> more;
  for (int i = 0; i < 5; ++i)
    more.push_back(listen(open("2025-11-25", alice), alice));
  auth.identities.erase("alice-1");
  pass(mcp::shared::kRecheck);
  settle();
  for (const auto& each : more)
    EXPECT_TRUE(each->ended());
  EXPECT_TRUE(stream->ended());
  EXPECT_EQ(sessions(), 6u) << "each waits for its next token";
}

// ---- shares

struct McpShares : McpAuth {
  void with(std::size_t table, std::size_t each) {
    mcp::shared::Options options;
    options.max_sessions = table;
    options.max_sessions_per_caller = each;
    restart(options);
  }
  bool alive(const std::string& session, const std::string& token) {
    return post(rpc("ping"), in(session) + token).status == 200;
  }
  int initialize(const std::string& token) {
    return post(rpc("initialize", R"({"protocolVersion":"2025-11-25"})"), token).status;
  }
};

// Bug: 1,001 initializes of one caller ended the session of another.
TEST_F(McpShares, WhoeverInitializesInALoopEndsOnlyHisOwn) {
  with(12, 4);
  const std::string victim = open("2025-11-25", bob);
  std::string last;
  for (int i = 0; i < 20; ++i)
    last = open("2025-11-25", alice);
  EXPECT_EQ(endpoint->stats().sessions, 5U) << "four of alice";
  EXPECT_TRUE(alive(victim, bob));
  EXPECT_TRUE(alive(last, alice)) << "the oldest went";
}

// Bug: 200 sessions with streams of one caller made the next caller's initialize 503.
TEST_F(McpShares, ACallerWhoseSessionsAreAllInUseIsToldSoAndOthersComeIn) {
  with(12, 4);
  std::vector<std::unique_ptr<test::EventStream>> streams;
  for (int i = 0; i < 4; ++i)
    streams.push_back(listen(open("2025-11-25", alice), alice));
  const Answer refused = post(rpc("initialize", R"({"protocolVersion":"2025-11-25"})"), alice);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.header("Retry-After"), "5");
  EXPECT_TRUE(refused.has("this caller has too many sessions")) << refused.body;
  EXPECT_EQ(initialize(bob), 200);
}

}  // namespace
