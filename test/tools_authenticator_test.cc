// Who a caller is, as the API server says it: header forms, verdicts and how long they hold,
// identities, refusals.
#include <gtest/gtest.h>

#include "base/check.h"
#include "support/tools_world.h"
#include "tools/kube_authenticator.h"

namespace {

using mcp::Verdict;
using test::ToolsWorld;
using tools::KubeAuthenticator;

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

  std::string peer = "192.0.2.1:4711";
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
  EXPECT_TRUE(api.seen().empty()) << "asks nobody";
  api.users()["t"] = {.name = "alice", .uid = "1"};
  asked("t");
  EXPECT_EQ(auth.standing("Bearer t"), mcp::Standing::verified);
  pass(tools::kVerdictTime);
  EXPECT_EQ(auth.standing("Bearer t"), mcp::Standing::unverified);
  EXPECT_EQ(tools::OwnIdentity().standing(std::nullopt), mcp::Standing::verified);
}

TEST_F(AuthenticatorTest, ARefusalIsNotKept) {
  EXPECT_EQ(asked("t").status(), 401);
  EXPECT_FALSE(auth.known("Bearer t").has_value());
  api.users()["t"] = {.name = "alice", .uid = "1"};
  EXPECT_EQ(asked("t").status(), 200);
}

TEST_F(AuthenticatorTest, TheIdentityIsNameUidAndGroupsWhateverTheirOrder) {
  const std::string alice = identity({.name = "alice", .uid = "1", .groups = {"a", "b"}});
  EXPECT_EQ(identity({.name = "alice", .uid = "1", .groups = {"b", "a"}}), alice);
  EXPECT_NE(identity({.name = "alice", .uid = "1", .groups = {"a"}}), alice);
  EXPECT_NE(identity({.name = "alice", .uid = "1", .groups = {"a", "b", "c"}}), alice);
  EXPECT_NE(identity({.name = "alice", .uid = "2", .groups = {"a", "b"}}), alice);
  EXPECT_NE(identity({.name = "bob", .uid = "1", .groups = {"a", "b"}}), alice);
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
      {403, 403, "does not let this token ask who it is"},
      {404, 503, "does not serve SelfSubjectReview"},
      {405, 503, "does not serve SelfSubjectReview"},
      {429, 503, "the token could not be checked: "},
      {500, 503, "the token could not be checked: "},
      {503, 503, "the token could not be checked: "},
  };
  for (const auto& c : cases) {
    no.code = c.code;
    no.reason.clear();
    answer("", kReview, no);
    const Question& one = asked("t");
    EXPECT_EQ(one.status(), c.status) << c.code;
    EXPECT_NE(one.message().find(c.why), std::string::npos) << one.message();
  }
  api.set_reviews(false);
  EXPECT_EQ(asked("t").status(), 503);
  api.stop();
  const Question& down = asked("t");
  EXPECT_EQ(down.status(), 503);
  EXPECT_TRUE(down.message().starts_with("the token could not be checked: ")) << down.message();
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

TEST_F(AuthenticatorTest, AFloodOfTokensIsNoFloodOfReviews) {
  for (std::size_t i = 0; i < tools::kReviewsUnderWay + 10; ++i)
    ask("made-up-" + std::to_string(i));
  ASSERT_TRUE(run_until([&] {
    for (const auto& each : questions) {
      if (each->answers == 0) return false;
    }
    return true;
  }));
  int busy = 0;
  for (const auto& each : questions) {
    EXPECT_EQ(each->answers, 1);
    busy += each->status() == 503 ? 1 : 0;
  }
  EXPECT_EQ(busy, 10);
  EXPECT_EQ(questions.back()->message(), "too many tokens are being checked; try again");
  EXPECT_EQ(reviews(), static_cast<int>(tools::kReviewsUnderWay));
  questions.clear();
  EXPECT_EQ(asked("one more").status(), 401);
}

TEST_F(AuthenticatorTest, AQuestionThatIsDroppedIsNeverAnsweredAndFreesItsPlace) {
  for (int round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < tools::kReviewsUnderWay; ++i)
      ask("made-up").pending.reset();
  }
  settle();
  for (const auto& each : questions)
    EXPECT_EQ(each->answers, 0);
  EXPECT_EQ(asked("t").status(), 401);
}

TEST(OwnIdentity, IsEverybodyWhateverComes) {
  tools::OwnIdentity own;
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
