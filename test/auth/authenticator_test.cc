// Who a caller is, as the API server says it: header forms, verdicts and how long they hold,
// identities, refusals.
#include <gtest/gtest.h>

#include "auth/bearer.h"
#include "auth/caller_identity.h"
#include "auth/client_cert_authenticator.h"
#include "auth/kube_authenticator.h"
#include "base/check.h"
#include "base/encoding.h"
#include "base/seal.h"
#include "policy/rule.h"
#include "support/tools_world.h"

namespace {

using auth::KubeAuthenticator;
using mcp::Verdict;
using test::ToolsWorld;

constexpr const char* kReview = "/apis/authentication.k8s.io/v1/selfsubjectreviews";

struct Question {
  void on_verdict(Verdict v) {
    ++answers;
    verdict = std::move(v);
  }
  std::string identity() const { return verdict.refusal ? "(refused)" : verdict.caller.identity; }
  int status() const { return verdict.refusal ? verdict.refusal->status : 200; }
  std::string message() const { return verdict.refusal ? verdict.refusal->message : ""; }
  int answers = 0;
  Verdict verdict;
  std::unique_ptr<mcp::PendingVerdict> pending;
};

struct AuthenticatorTest : ToolsWorld {
  ~AuthenticatorTest() override { questions.clear(); }
  Question& ask(const std::string& token) {
    questions.push_back(std::make_unique<Question>());
    Question& one = *questions.back();
    one.pending =
        auth.ask("Bearer " + token, peer, KubeAuthenticator::Fn::bind<&Question::on_verdict>(&one));
    EXPECT_EQ(one.answers, 0) << "never inside ask()";
    return one;
  }
  Question& asked(const std::string& token) {
    Question& one = ask(token);
    EXPECT_TRUE(run_until([&] { return one.answers == 1; }));
    one.pending.reset();
    return one;
  }
  // The identity of a user like this one, without anything remembered.
  std::string identity(const sim::User& user) {
    const std::string token = "token-" + std::to_string(questions.size());
    api.users()[token] = user;
    return asked(token).identity();
  }
  int reviews() const { return api.count("", kReview); }

  std::string peer = "192.0.2.1";  // as net::peer_key() says
  KubeAuthenticator auth{*context};
  std::vector<std::unique_ptr<Question>> questions;
};

TEST_F(AuthenticatorTest, WithoutABearerTokenTheAnswerIs401AtOnce) {
  const auto none = auth.known(std::nullopt);
  ASSERT_TRUE(none && none->refusal);
  EXPECT_EQ(none->refusal->status, 401);
  EXPECT_EQ(none->refusal->challenge, "Bearer");
  for (const char* header : {"", "Bearer", "Bearer ", "Bearer  ", "Basic dXNlcg==", "Bearertoken",
                             "Bearer a b", "Bearer a\tb", "Bearer t\xc3\xb6ken", "token"}) {
    const auto verdict = auth.known(header);
    ASSERT_TRUE(verdict && verdict->refusal) << header;
    EXPECT_EQ(verdict->refusal->status, 401) << header;
    EXPECT_EQ(verdict->refusal->challenge, "Bearer") << header;
  }
  EXPECT_TRUE(api.seen().empty());
}

TEST_F(AuthenticatorTest, TheSchemeIsTakenInAnyCase) {
  for (const char* header : {"bearer t", "BEARER t", "Bearer   t  "}) {
    EXPECT_FALSE(auth.known(header).has_value()) << header << ": to be asked about";
  }
}

TEST_F(AuthenticatorTest, ATokensOwnerIsAskedForWithTheTokenAlone) {
  api.users()["t"] = {.name = "alice", .uid = "1"};
  const Question& one = asked("t");
  EXPECT_TRUE(one.identity().starts_with("alice/")) << one.identity();
  EXPECT_EQ(one.verdict.caller.bearer, "t");
  ASSERT_EQ(api.seen().size(), 1u);
  EXPECT_EQ(api.seen()[0].path, kReview);
  EXPECT_EQ(api.seen()[0].user, "alice");
}

TEST_F(AuthenticatorTest, AVerdictHoldsForAMinute) {
  api.users()["t"] = {.name = "alice", .uid = "1"};
  const std::string identity = asked("t").identity();
  const auto kept = auth.known("bearer t");
  ASSERT_TRUE(kept.has_value());
  EXPECT_EQ(kept->caller.identity, identity);
  EXPECT_EQ(kept->caller.bearer, "t");
  EXPECT_FALSE(auth.known("Bearer T").has_value());
  pass(base::seconds(59));
  EXPECT_TRUE(auth.known("Bearer t").has_value());
  pass(base::seconds(1));
  EXPECT_FALSE(auth.known("Bearer t").has_value());
  EXPECT_EQ(asked("t").identity(), identity);
  EXPECT_EQ(reviews(), 2);
}

TEST_F(AuthenticatorTest, TheHeadAloneSaysHowASenderStands) {
  EXPECT_EQ(auth.standing(std::nullopt), mcp::Standing::refused);
  EXPECT_EQ(auth.standing("Basic dXNlcg=="), mcp::Standing::refused);
  EXPECT_EQ(auth.standing("Bearer t"), mcp::Standing::unverified);
  EXPECT_TRUE(api.seen().empty()) << "nothing is asked";
  api.users()["t"] = {.name = "alice", .uid = "1"};
  asked("t");
  EXPECT_EQ(auth.standing("Bearer t"), mcp::Standing::verified);
  pass(auth::kVerdictTime);
  EXPECT_EQ(auth.standing("Bearer t"), mcp::Standing::unverified);
  EXPECT_EQ(auth::OwnIdentity().standing(std::nullopt), mcp::Standing::verified);
}

TEST_F(AuthenticatorTest, Rule49ARefusalIsRememberedForTenSeconds) {
  EXPECT_EQ(asked("t").status(), 401);
  api.users()["t"] = {.name = "alice", .uid = "1"};
  pass(base::seconds(9));
  const auto kept = auth.known("Bearer t");
  ASSERT_TRUE(kept && kept->refusal) << "the same junk again asks nothing";
  EXPECT_EQ(kept->refusal->status, 401);
  EXPECT_EQ(kept->refusal->challenge, "Bearer error=\"invalid_token\"");
  EXPECT_EQ(auth.standing("Bearer t"), mcp::Standing::refused);
  pass(base::seconds(1));
  EXPECT_FALSE(auth.known("Bearer t").has_value());
  EXPECT_EQ(asked("t").status(), 200);
  EXPECT_EQ(reviews(), 2);
}

TEST_F(AuthenticatorTest, ATokenThatIsTooLongIsNoToken) {
  EXPECT_FALSE(auth.known("Bearer " + std::string(auth::kTokenBytes, 't')).has_value());
  const auto verdict = auth.known("Bearer " + std::string(auth::kTokenBytes + 1, 't'));
  ASSERT_TRUE(verdict && verdict->refusal);
  EXPECT_EQ(verdict->refusal->status, 431);
}

// Requests whose token a proxy dropped are answered as those without one.
TEST_F(AuthenticatorTest, NobodyIsNoGoodOwnerOfAToken) {
  api.users()["t"] = {.name = "system:anonymous", .uid = "", .groups = {"system:unauthenticated"}};
  EXPECT_EQ(asked("t").status(), 401);
  api.users()["u"] = {.name = "odd", .uid = "", .groups = {"system:unauthenticated"}};
  EXPECT_EQ(asked("u").status(), 401);
}

// ---- how long a verdict holds when the token says when it ends

struct AuthenticatorJwt : AuthenticatorTest {
  // A token that ends in so long.
  std::string jwt(base::Duration in) {
    const std::int64_t end = (loop.wall_now().ns + in.count()) / 1'000'000'000;
    const std::string token = base::base64url(R"({"alg":"RS256"})") + "." +
                              base::base64url("{\"exp\":" + std::to_string(end) + "}") + ".c2ln";
    api.users()[token] = {.name = "alice", .uid = "1"};
    return token;
  }
};

TEST_F(AuthenticatorJwt, AVerdictNeverOutlivesItsToken) {
  const std::string token = jwt(base::seconds(20));
  const base::TimePoint end = loop.now() + base::seconds(20);
  const Question& one = asked(token);
  ASSERT_TRUE(one.verdict.caller.expires.has_value());
  EXPECT_LE(*one.verdict.caller.expires - end, base::seconds(1));
  EXPECT_GE(*one.verdict.caller.expires - end, -base::seconds(1));
  pass(base::seconds(18));
  EXPECT_TRUE(auth.known("Bearer " + token).has_value());
  pass(base::seconds(2));
  EXPECT_FALSE(auth.known("Bearer " + token).has_value());
  EXPECT_EQ(asked(token).status(), 401) << "the API server's own memory of it is no reason";
}

TEST_F(AuthenticatorJwt, ALongLivedOneIsAskedAboutEachMinute) {
  const std::string token = jwt(base::hours(1));
  asked(token);
  pass(base::seconds(59));
  EXPECT_TRUE(auth.known("Bearer " + token).has_value());
  pass(base::seconds(1));
  EXPECT_FALSE(auth.known("Bearer " + token).has_value());
}

TEST_F(AuthenticatorJwt, WhatEndedLongAgoAndIsTakenEndsByAnotherClock) {
  const Question& one = asked(jwt(-base::minutes(5)));
  EXPECT_EQ(one.status(), 200);
  EXPECT_FALSE(one.verdict.caller.expires.has_value());
}

TEST(JwtEnd, IsReadOfWholeTokensAlone) {
  const auto with = [](std::string_view claims) { return "e30." + base::base64url(claims) + ".x"; };
  EXPECT_EQ(auth::jwt_end(with(R"({"exp":1767225600})")), 1767225600);
  EXPECT_EQ(auth::jwt_end(with(R"({"exp":1767225600.75})")), 1767225600);
  for (const std::string& token :
       {std::string("opaque"), std::string("a.b"), std::string("a.!.c"), with("[]"), with("{}"),
        with(R"({"exp":"1767225600"})"), with(R"({"exp":-1})"), with(R"({"exp":1e300})"),
        with(R"({"exp":1e400})"), with(R"({"exp":9223372036854775808})"), with(R"({"exp":)"),
        with(R"({"exp":1767225600})") + ".x"}) {
    EXPECT_EQ(auth::jwt_end(token), std::nullopt) << token;
  }
}

TEST_F(AuthenticatorTest, TheIdentityIsNameUidAndGroupsWhateverTheirOrder) {
  const std::string alice = identity({.name = "alice", .uid = "1", .groups = {"a", "b"}});
  EXPECT_EQ(identity({.name = "alice", .uid = "1", .groups = {"b", "a"}}), alice);
  EXPECT_NE(identity({.name = "alice", .uid = "1", .groups = {"a"}}), alice);
  EXPECT_NE(identity({.name = "alice", .uid = "1", .groups = {"a", "b", "c"}}), alice);
  EXPECT_NE(identity({.name = "alice", .uid = "2", .groups = {"a", "b"}}), alice);
  EXPECT_NE(identity({.name = "bob", .uid = "1", .groups = {"a", "b"}}), alice);
}

TEST_F(AuthenticatorTest, TheIdentityHasExtraInItButWhatEachTokenHasAnew) {
  using Extra = std::map<std::string, std::vector<std::string>>;
  const auto with = [&](Extra extra) {
    return identity({.name = "alice", .uid = "1", .groups = {"a"}, .extra = std::move(extra)});
  };
  const std::string plain = with({});
  EXPECT_NE(with({{"scopes", {"read"}}}), plain);
  EXPECT_NE(with({{"scopes", {"read"}}}), with({{"scopes", {"read", "write"}}}));
  EXPECT_NE(with({{"scopes", {"read"}}}), with({{"read", {"scopes"}}}));
  EXPECT_EQ(with({{"scopes", {"a", "b"}}}), with({{"scopes", {"b", "a"}}}));
  EXPECT_EQ(with({{"authentication.kubernetes.io/credential-id", {"JTI=1"}}}), plain);
}

TEST_F(AuthenticatorTest, NoChoiceOfNamesMakesTwoUsersOne) {
  EXPECT_NE(identity({.name = "alice", .uid = "1", .groups = {}}),
            identity({.name = "alice/1", .uid = "", .groups = {}}));
  EXPECT_NE(identity({.name = "a", .uid = "", .groups = {"b\nc"}}),
            identity({.name = "a", .uid = "", .groups = {"b", "c"}}));
  EXPECT_NE(identity({.name = "a", .uid = "b", .groups = {}}),
            identity({.name = "a", .uid = "", .groups = {"b"}}));
  EXPECT_NE(identity({.name = "a", .uid = "", .groups = {"1:b"}}),
            identity({.name = "a", .uid = "", .groups = {"1", "b"}}));
}

TEST_F(AuthenticatorTest, EachAnswerOfTheApiServerHasItsStatus) {
  const Question& unknown = asked("unknown");
  EXPECT_EQ(unknown.status(), 401);
  EXPECT_EQ(unknown.verdict.refusal->challenge, "Bearer error=\"invalid_token\"");
  EXPECT_EQ(unknown.message(), "the API server does not accept this token");

  api.users()["t"] = {.name = "alice", .uid = "1"};
  sim::Status no = sim::internal_error("no");
  const struct {
    int code;
    int status;
    const char* why;
  } cases[] = {
      {403, 403, "does not allow this token to create a SelfSubjectReview"},
      {404, 503, "does not serve SelfSubjectReview"},
      {405, 503, "does not serve SelfSubjectReview"},
      {429, 503, "the token could not be checked ("},
      {500, 503, "the token could not be checked ("},
      {503, 503, "the token could not be checked ("},
  };
  for (const auto& c : cases) {
    no.code = c.code;
    no.reason.clear();
    answer("", kReview, no);
    const Question& one = asked("t");
    EXPECT_EQ(one.status(), c.status) << c.code;
    EXPECT_NE(one.message().find(c.why), std::string::npos) << one.message();
    pass(auth::kRefusalTime);
  }
  no.code = 429;
  no.retry_after_seconds = 40;
  answer("", kReview, no);
  EXPECT_EQ(asked("t").verdict.refusal->retry_after, base::seconds(40));
  pass(auth::kRefusalTime);
  api.set_reviews(false);
  EXPECT_EQ(asked("t").status(), 503);
  api.stop();
  const Question& down = asked("t");
  EXPECT_EQ(down.status(), 503);
  EXPECT_EQ(down.message(), "the token could not be checked (unavailable); try again")
      << "a stranger is told no address";
  EXPECT_NE(log.find("tokens cannot be checked"), std::string::npos);
}

TEST_F(AuthenticatorTest, AnAnswerThatNamesNobodyIsNobody) {
  api.users()["t"] = {.name = "alice", .uid = "1"};
  for (const char* body :
       {"{}", R"({"status":{"userInfo":{"username":""}}})", R"({"status":[]})"}) {
    sim::AnswerFault fault;
    fault.match = {"", kReview};
    fault.answer = sim::Answer{.status = 201, .body = body};
    api.faults().add(std::move(fault));
    EXPECT_EQ(asked("t").status(), 503) << body;
    EXPECT_FALSE(auth.known("Bearer t").has_value());
  }
}

// ---- many at once

TEST_F(AuthenticatorTest, Rule49AllWhoComeWithOneTokenWaitForOneQuestion) {
  api.users()["t"] = {.name = "alice", .uid = "1"};
  for (int i = 0; i < 100; ++i)
    ask("t");
  ASSERT_TRUE(run_until([&] { return questions.back()->answers == 1; }));
  for (const auto& each : questions) {
    EXPECT_EQ(each->answers, 1);
    EXPECT_EQ(each->status(), 200);
  }
  EXPECT_EQ(reviews(), 1);
}

struct AuthenticatorFlood : AuthenticatorTest {
  AuthenticatorFlood() {
    api.users()["t"] = {.name = "alice", .uid = "1"};
    sim::AnswerFault slow;
    slow.match = {.path = kReview, .count = -1};
    slow.delay = kSlow;
    api.faults().add(std::move(slow));
  }
  void flood(int n) {
    for (int i = 0; i < n; ++i)
      ask("made-up-" + std::to_string(made_up++));
  }
  int answered() const {
    int n = 0;
    for (const auto& each : questions)
      n += each->answers;
    return n;
  }
  int refused_with(int status) const {
    int n = 0;
    for (const auto& each : questions)
      n += each->answers == 1 && each->status() == status ? 1 : 0;
    return n;
  }
  static constexpr base::Duration kSlow = base::seconds(1);
  int made_up = 0;
};

TEST_F(AuthenticatorFlood, Rule49OfMadeUpTokensIsNoFloodOfReviews) {
  flood(200);
  pass(kSlow / 2);
  EXPECT_EQ(reviews(), static_cast<int>(auth::kReviewsUnderWay / 4)) << "one peer's quarter";
  EXPECT_EQ(auth.stats().waiting, 200 - auth::kReviewsUnderWay / 4);
  for (int i = 2; i < 10; ++i) {
    peer = "192.0.2." + std::to_string(i);
    flood(20);
  }
  pass(kSlow / 4);
  EXPECT_EQ(auth.stats().asking, auth::kReviewsUnderWay * 3 / 4) << "the rest is the server's own";
}

TEST_F(AuthenticatorFlood, FromOnePeerCostsNoOtherPeerItsTurn) {
  flood(250);
  peer = "198.51.100.7";
  const base::TimePoint before = loop.now();
  EXPECT_EQ(asked("t").status(), 200);
  EXPECT_LE(loop.now() - before, kSlow + base::milliseconds(100));
}

TEST_F(AuthenticatorFlood, FromTheSamePeerIsOutwaited) {
  flood(80);
  EXPECT_EQ(asked("t").status(), 200) << "behind one proxy all are one peer";
  EXPECT_EQ(refused_with(503), 0);
}

TEST_F(AuthenticatorFlood, ATokenThatWasAcceptedBeforeGoesFirst) {
  asked("t");
  pass(auth::kVerdictTime);
  flood(250);
  const base::TimePoint before = loop.now();
  EXPECT_EQ(asked("t").status(), 200);
  EXPECT_LE(loop.now() - before, kSlow + base::milliseconds(100));
}

TEST_F(AuthenticatorFlood, WhoWouldWaitTooLongIsToldTo) {
  const int room = static_cast<int>(auth::kReviewsUnderWay / 4 + auth::kReviewsWaitingPerPeer);
  flood(room + 10);
  settle();
  EXPECT_EQ(answered(), 10);
  EXPECT_EQ(questions.back()->status(), 503);
  EXPECT_EQ(questions.back()->message(), "too many tokens are being checked; try again");
  pass(auth::kReviewPatience + kSlow);
  EXPECT_EQ(answered(), room + 10);
  EXPECT_EQ(refused_with(401), static_cast<int>(auth::kReviewsUnderWay / 4) * 10);
  EXPECT_EQ(auth.stats().asking + auth.stats().waiting, 0u);
}

TEST_F(AuthenticatorFlood, WhoComesAndGoesWithOneTokenAsksOnce) {
  for (int i = 0; i < 100; ++i)
    ask("made-up").pending.reset();
  pass(kSlow * 2);
  for (int i = 0; i < 100; ++i)
    ask("made-up").pending.reset();
  pass(kSlow * 2);
  EXPECT_EQ(answered(), 0);
  EXPECT_EQ(reviews(), 2) << "of those who asked although it was known";
  EXPECT_EQ(auth.standing("Bearer made-up"), mcp::Standing::refused);
}

TEST_F(AuthenticatorFlood, WhoLeavesTheLineIsNotAskedAbout) {
  flood(100);
  questions.clear();
  EXPECT_EQ(auth.stats().waiting, 0u);
  pass(kSlow * 3);
  EXPECT_EQ(reviews(), static_cast<int>(auth::kReviewsUnderWay / 4));
  EXPECT_EQ(auth.stats().asking, 0u);
}

// Bug: peers of the loopback address were told apart here and nowhere else.
TEST_F(AuthenticatorFlood, BehindALocalProxyHasWhatStrangersMayHave) {
  peer = {};
  flood(200);
  pass(kSlow / 2);
  EXPECT_EQ(reviews(), static_cast<int>(auth::kReviewsUnderWay * 3 / 4));
  peer = mcp::Authenticator::kOwnQuestion;
  const base::TimePoint before = loop.now();
  EXPECT_EQ(asked("t").status(), 200);
  EXPECT_LE(loop.now() - before, kSlow + base::milliseconds(100)) << "the server's own go first";
}

TEST(VerdictTable, WhenItIsFullTheOldestGoes) {
  auth::VerdictTable table(3, 1000);
  const auto of = [](std::string identity) {
    return auth::VerdictTable::Kept{.caller = {.identity = std::move(identity), .bearer = {}}};
  };
  const auto hash = [](int n) { return auth::token_hash(std::to_string(n)); };
  for (int n = 0; n < 3; ++n)
    table.keep(hash(n), of(std::to_string(n)));
  table.keep(hash(0), of("again"));
  table.keep(hash(3), of("3"));
  EXPECT_EQ(table.size(), 3u);
  EXPECT_EQ(table.find(hash(1)), nullptr);
  ASSERT_NE(table.find(hash(0)), nullptr);
  EXPECT_EQ(table.find(hash(0))->caller.identity, "again");
  table.forget(hash(0));
  EXPECT_EQ(table.find(hash(0)), nullptr);
  table.keep(hash(4), of(std::string(1000, 'x')));
  EXPECT_EQ(table.size(), 1u) << "users with many groups take the place of more";
  table.keep(hash(4), of("y"));
  table.keep(hash(5), of(std::string(999, 'x')));
  EXPECT_EQ(table.size(), 2u);
  table.end_all(base::TimePoint{});
  EXPECT_NE(table.find(hash(5)), nullptr) << "it still shows that the token was known";
}

// Else a session that it begins here would act as the server at a listener where it acts as its user.
TEST(OwnIdentity, ACertificateIsAnotherCallerThanWhereItActsAsItsUser) {
  net::PeerIdentity alice;
  alice.by = net::PeerIdentity::By::certificate;
  alice.id = "cert:alice/0123";
  alice.user = "alice";
  const auto server = auth::OwnIdentity().known_on(&alice, std::nullopt);
  const auto user = auth::ClientCertAuthenticator().known_on(&alice, std::nullopt);
  ASSERT_TRUE(server && user && !server->refusal && !user->refusal);
  EXPECT_EQ(server->caller.identity, "own:cert:alice/0123");
  EXPECT_EQ(user->caller.identity, "cert:alice/0123");
  EXPECT_EQ(policy::user_of(server->caller.identity), "own:cert:alice");
  net::PeerIdentity process;
  process.id = "unix:1000";
  EXPECT_EQ(auth::OwnIdentity().known_on(&process, std::nullopt)->caller.identity, "unix:1000");
}

TEST(CallerIdentity, ATokensUserIsNotCalledAsACallerWithoutOne) {
  for (const std::string name :
       {"self", "unix:0", "cert:ann", "own:cert:ann", "token:ann", "token:self"})
    EXPECT_EQ(auth::called(name), "token:" + name + "/");
  for (const std::string name : {"ann", "selfish", "unix", "my-cert:ann", "system:admin"})
    EXPECT_EQ(auth::called(name), name + "/");
}

TEST(OwnIdentity, IsEverybodyWhateverComes) {
  auth::OwnIdentity own;
  for (const std::optional<std::string_view> header :
       {std::optional<std::string_view>(), std::optional<std::string_view>("Bearer x")}) {
    const auto verdict = own.known(header);
    ASSERT_TRUE(verdict && !verdict->refusal);
    EXPECT_EQ(verdict->caller.identity, "self");
    EXPECT_EQ(verdict->caller.bearer, "") << "its token goes nowhere";
  }
  EXPECT_FALSE(own.expires());
}

}  // namespace
