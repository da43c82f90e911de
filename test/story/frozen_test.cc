// An API server that is frozen: it takes connections, ends none, and answers nothing.
#include <algorithm>
#include <vector>

#include "kube/pulse.h"
#include "support/story_world.h"

namespace {

using base::seconds;

class StoryFrozen : public test::StoryWorld {
 protected:
  bool told_of(const test::McpSession& session, std::string_view what) const {
    return std::any_of(session.updates().begin(), session.updates().end(), [&](const auto& update) {
      return update.delta.find(what) != std::string::npos;
    });
  }
  std::unique_ptr<test::SimCall> ready() {
    auto call = std::make_unique<test::SimCall>(*front, "GET", "/readyz", "", "");
    run_until([&] { return call->done(); });
    return call;
  }
  void freeze() {
    sim::AnswerFault never;
    never.match = {.path = "/", .count = -1};
    never.never = true;
    api.faults().add(never);
  }
  void answer_version(const sim::Answer& answer) {
    sim::AnswerFault other;
    other.match = {.path = "/version", .count = -1};
    other.answer = answer;
    api.faults().add(other);
  }
  void lose_version(int count) {
    sim::AnswerFault never;
    never.match = {.path = "/version", .count = count};
    never.never = true;
    api.faults().add(never);
  }
  std::unique_ptr<test::McpSession> subscribed() {
    start_app();
    auto session = connect();
    EXPECT_TRUE(session->subscribe("k0rdent://events/team-a")) << session->error().to_json();
    session->forget();
    api.forget_seen();
    return session;
  }
};

TEST_F(StoryFrozen, SubscribersAndReadinessAreToldWithinAMinute) {
  start_app();
  auto session = connect();
  ASSERT_TRUE(session->subscribe("k0rdent://events/team-a")) << session->error().to_json();
  pass(seconds(5));
  EXPECT_EQ(ready()->status, 200);
  freeze();
  pass(seconds(60));
  EXPECT_TRUE(told_of(*session, "does not answer")) << "the watch is as open as ever";
  auto page = ready();
  EXPECT_EQ(page->status, 503);
  EXPECT_NE(page->body.find("the API server does not answer"), std::string::npos) << page->body;
  session->forget();
  api.faults().clear();
  pass(seconds(31));
  EXPECT_EQ(ready()->status, 200);
  EXPECT_GE(session->updates().size(), 1u) << "that it is right again";
  EXPECT_FALSE(told_of(*session, "does not answer: ")) << session->updates()[0].delta;
  cluster.emit({.ns = "team-a", .name = "one"});
  settle();
  EXPECT_TRUE(told_of(*session, "one"));
}

TEST_F(StoryFrozen, OneAnswerThatIsLostTellsNothing) {
  start_app();
  auto session = connect();
  ASSERT_TRUE(session->subscribe("k0rdent://events/team-a")) << session->error().to_json();
  session->forget();
  sim::AnswerFault never;
  never.match = {.path = "/version", .count = 1};
  never.never = true;
  api.faults().add(never);
  pass(seconds(90));
  EXPECT_TRUE(session->updates().empty());
  EXPECT_EQ(ready()->status, 200);
}

TEST_F(StoryFrozen, OneThatIsLostNowAndThenTellsNothing) {
  auto session = subscribed();
  for (int i = 0; i < 4; ++i) {
    lose_version(1);
    pass(seconds(70));
  }
  EXPECT_GE(api.count("", "/version"), 8);
  EXPECT_EQ(log.find("does not answer"), std::string::npos) << log;
  EXPECT_TRUE(session->updates().empty()) << session->updates()[0].delta;
}

TEST_F(StoryFrozen, AfterALossItIsAskedAgainSoonAndThenAtItsPace) {
  auto session = subscribed();
  lose_version(-1);
  pass(seconds(130));
  std::vector<base::TimePoint> asked;
  for (const auto& seen : api.seen()) {
    if (seen.path == "/version") asked.push_back(seen.at);
  }
  ASSERT_GE(asked.size(), 4u);
  EXPECT_LE(asked[1] - asked[0], kube::kPulseTime + kube::kPulseAgain + base::milliseconds(10));
  for (std::size_t i = 2; i < asked.size(); ++i) {
    EXPECT_GE(asked[i] - asked[i - 1], kube::kPulsePeriod) << i;
    EXPECT_LE(asked[i] - asked[i - 1], kube::kPulsePeriod + kube::kPulseTime + seconds(1)) << i;
  }
}

// A proxy in front of a server that is away answers for it, and one that is ill may answer nothing
// else.
TEST_F(StoryFrozen, APageOfAProxyAndAnInternalErrorAreNoAnswers) {
  auto session = subscribed();
  sim::Answer page;
  page.status = 404;
  page.type = "text/html";
  page.body = "<html>no such site</html>";
  for (const sim::Answer& answer : {page, sim::refuse(sim::internal_error("etcd is away"))}) {
    SCOPED_TRACE(answer.body);
    answer_version(answer);
    pass(seconds(60));
    EXPECT_TRUE(told_of(*session, "does not answer"));
    EXPECT_EQ(ready()->status, 200) << "whoever asks is told at once, not after a minute";
    api.faults().clear();
    pass(seconds(31));
    EXPECT_TRUE(told_of(*session, "FRESH"));
    session->forget();
  }
}

TEST_F(StoryFrozen, ARefusalIsAnAnswer) {
  auto session = subscribed();
  answer_version(sim::refuse(sim::unauthorized()));
  pass(seconds(180));
  EXPECT_TRUE(session->updates().empty()) << session->updates()[0].delta;
}

}  // namespace
