// The whole server on the simulated cluster when that is away, restarted, forgetful or wrong.
#include <algorithm>

#include "support/story_world.h"

namespace {

using base::minutes;
using base::seconds;
using sim::AnswerFault;
using test::McpSession;
using test::StoryWorld;
using Told = std::vector<std::string>;

struct StoryOutage : StoryWorld {
  static constexpr const char* kUri = "k0rdent://events/team-a";
  void emit(const std::string& name, const std::string& message = "m", int count = 1) {
    cluster.emit({.ns = "team-a", .name = name, .message = message, .count = count});
  }
  void subscribe() {
    session = connect();
    ASSERT_TRUE(session->subscribe(kUri));
    ASSERT_TRUE(run_until([&] { return api.open_streams("/events") == 1; }));
  }
  sim::Answer refusal(int code, std::string extra = {}) {
    sim::Answer answer = sim::refuse(sim::internal_error("made up"));
    answer.status = code;
    answer.extra = std::move(extra);
    return answer;
  }
  std::unique_ptr<McpSession> session;
};

TEST_F(StoryOutage, AfterACrashAndAPauseEveryChangeIsToldOnce) {
  start_app();
  emit("kept");
  emit("dies");
  subscribe();
  ASSERT_TRUE(told(*session, 2));
  api.stop();
  settle();
  emit("born");
  emit("kept", "changed", 2);
  cluster.delete_event("team-a", "dies");
  pass(minutes(3));
  EXPECT_EQ(session->updates().size(), 3u) << "STALE, once";
  ASSERT_TRUE(api.start().has_value());
  ASSERT_TRUE(told(*session, 7));
  const Told is = session->told();
  EXPECT_EQ(
      Told(is.begin() + 2, is.end()),
      (Told{"STALE  ", "ADDED born m", "MODIFIED kept changed", "DELETED dies m", "FRESH  "}));
  emit("after");
  EXPECT_TRUE(told(*session, 8));
}

struct StoryStale : StoryOutage, ::testing::WithParamInterface<sim::StaleAnswer> {};

TEST_P(StoryStale, ACursorThatLeftTheHistoryIsRepairedByARelist) {
  api.set_stale_answer(GetParam());
  start_app();
  emit("kept");
  emit("dies");
  subscribe();
  ASSERT_TRUE(told(*session, 2));
  api.stop();
  emit("born");
  emit("kept", "changed", 2);
  cluster.delete_event("team-a", "dies");
  api.store().compact();
  ASSERT_TRUE(api.start().has_value());
  ASSERT_TRUE(told(*session, 5));
  Told is = session->told();
  Told news(is.begin() + 2, is.end());
  std::sort(news.begin(), news.end());
  EXPECT_EQ(news, (Told{"ADDED born m", "DELETED dies m", "MODIFIED kept changed"}));
  EXPECT_EQ(api.count("list", "/events"), 2);
  ASSERT_TRUE(run_until([&] { return api.open_streams("/events") == 1; }));
  pass(minutes(30));  // each watch ends at its time: resumed, or told again that its cursor is old
  EXPECT_EQ(session->updates().size(), 5u);
}

std::string stale(const ::testing::TestParamInfo<sim::StaleAnswer>& one) {
  const char* names[] = {"frame", "http", "empty"};
  return names[static_cast<int>(one.param)];
}

INSTANTIATE_TEST_SUITE_P(Ways, StoryStale,
                         ::testing::Values(sim::StaleAnswer::error_frame,
                                           sim::StaleAnswer::http_410, sim::StaleAnswer::empty_200),
                         stale);

TEST_F(StoryOutage, AnObjectMadeAnewUnderItsNameIsDeletedAndAdded) {
  start_app();
  emit("e", "first");
  subscribe();
  ASSERT_TRUE(told(*session, 1));
  api.stop();
  cluster.delete_event("team-a", "e");
  emit("e", "second");
  api.store().compact();
  ASSERT_TRUE(api.start().has_value());
  ASSERT_TRUE(told(*session, 3));
  EXPECT_EQ(session->told(), (Told{"ADDED e first", "DELETED e first", "ADDED e second"}));
}

TEST_F(StoryOutage, WrongAnswersToAWatchDelayButLoseNothing) {
  start_app();
  subscribe();
  const sim::Answer html{200, "<html>sign in</html>", "text/html", "", {}};
  const sim::Answer busy_frame{
      200, sim::error_frame(sim::internal_error("boom")), "application/json", "", {}};
  const sim::Answer unknown{200,
                            R"({"type":"FOO","object":{}})"
                            "\n",
                            "application/json",
                            "",
                            {}};
  const sim::Answer nothing{200, "", "application/json", "", {}};
  std::vector<AnswerFault> faults(8);
  faults[0].answer = refusal(503);
  faults[1].answer = refusal(429, "Retry-After: 7\r\n");
  faults[2].answer = html;
  faults[3].stream = busy_frame;
  faults[4].stream = unknown;
  faults[5].stream = nothing;
  faults[6].cut = true;
  faults[7].delay = seconds(70);  // a proxy that holds the head back
  std::size_t n = 0;
  for (AnswerFault& fault : faults) {
    fault.match = {.verb = "watch", .path = "/events"};
    api.faults().add(fault);
    api.end_streams("/events");
    emit("e" + std::to_string(n));
    // Where it takes longer than ten seconds it is said, and said again when it is over.
    ASSERT_TRUE(run_until([&] {
      return session->updates().size() > n &&
             session->told().back() == "ADDED e" + std::to_string(n) + " m";
    })) << n;
    ++n;
    ASSERT_TRUE(run_until([&] { return api.open_streams("/events") == 1; }));
  }
  Told is = session->told();
  is.erase(std::remove_if(is.begin(), is.end(),
                          [](const std::string& each) { return !each.starts_with("ADDED"); }),
           is.end());
  EXPECT_EQ(is.size(), n) << "each once";
}

TEST_F(StoryOutage, BytesThatAreNoFrameDelayButLoseNothing) {
  start_app();
  subscribe();
  std::size_t n = 0;
  for (const char* bytes :
       {"{\"type\":\"ADD", "garbage\n", "{\"type\":\"ADDED\",\"object\":{\"met", "}\n"}) {
    api.raw_to_streams("/events", bytes);
    api.end_streams("/events");
    emit("e" + std::to_string(n));
    ASSERT_TRUE(told(*session, ++n)) << bytes;
    ASSERT_TRUE(run_until([&] { return api.open_streams("/events") == 1; }));
  }
}

TEST_F(StoryOutage, AWatchThatFallsSilentForEverIsGivenUpAtItsDeadline) {
  start_app();
  subscribe();
  api.fault_in_streams("/events", {.kind = sim::ByteFault::Kind::stall});
  emit("e");
  const base::TimePoint before = loop.now();
  ASSERT_TRUE(told(*session, 1));
  EXPECT_GT(loop.now() - before, seconds(200));  // its timeoutSeconds
  EXPECT_LT(loop.now() - before, seconds(300));
}

TEST_F(StoryOutage, ManyShortWatchesAreNoHotLoop) {
  start_app();
  subscribe();
  const base::TimePoint before = loop.now();
  const int watches = api.count("watch");
  for (std::size_t n = 1; n <= 30; ++n) {
    emit("e" + std::to_string(n));
    ASSERT_TRUE(told(*session, n));
    api.end_streams("/events");
    ASSERT_TRUE(run_until([&] { return api.open_streams("/events") == 1; }));
  }
  EXPECT_LE(api.count("watch") - watches, 31);
  EXPECT_GE(loop.now() - before, seconds(29));
}

TEST_F(StoryOutage, FailuresInARowOpenTheBreakerAndASubscriptionIsRefusedWithItsTime) {
  start_app();
  api.stop();
  session = connect();
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(session->subscribe(kUri));
    EXPECT_TRUE(session->error().present());
    pass(seconds(1));
  }
  ASSERT_TRUE(api.start().has_value());
  EXPECT_FALSE(session->subscribe(kUri)) << "open: not even tried";
  EXPECT_NE(std::string(session->error()["message"].str()).find("again"), std::string::npos)
      << session->error().to_json();
  EXPECT_EQ(api.count("list"), 0);
  pass(seconds(31));
  EXPECT_TRUE(session->subscribe(kUri)) << session->error().to_json();
}

TEST_F(StoryOutage, WithoutAClusterItStartsIsNotReadyAndGetsReadyLater) {
  api.stop();
  start_app();
  pass(minutes(10));
  EXPECT_FALSE(app->ready());
  ASSERT_TRUE(api.start().has_value());
  EXPECT_TRUE(run_until([&] { return app->ready(); }));
  subscribe();
}

TEST_F(StoryOutage, AListThatEndsInAnErrorRefusesTheSubscription) {
  start_app();
  session = connect();
  api.faults().add({.match = {.verb = "list", .path = "/events"}, .answer = refusal(500)});
  EXPECT_FALSE(session->subscribe(kUri));
  EXPECT_EQ(app->watches(), 0u);
  EXPECT_TRUE(session->subscribe(kUri));
}

TEST_F(StoryOutage, WhereTheNewEventApiIsForbiddenTheOldOneServes) {
  sim::User::Rule no_new;
  no_new.resource = "events";
  no_new.group = "events.k8s.io";
  no_new.any_group = false;
  api.users()[std::string(sim::ApiServer::kAdminToken)].denied = {no_new};
  start_app();
  emit("e");
  subscribe();
  ASSERT_TRUE(told(*session, 1));
  EXPECT_EQ(session->told(), (Told{"ADDED e m"}));
  EXPECT_EQ(api.open_streams("/api/v1/namespaces/team-a/events"), 1);
}

TEST_F(StoryOutage, AListOfManyPagesThatExpiresInTheMiddleIsStillWhole) {
  start_app();
  for (int i = 0; i < 1100; ++i)
    emit("e" + std::to_string(i));
  AnswerFault gone;
  gone.match = {.verb = "list", .path = "/events", .skip = 1, .count = 1};
  gone.answer = sim::refuse(sim::expired("compacted"));
  api.faults().add(gone);
  subscribe();
  ASSERT_TRUE(told(*session, 1100));
  Told is = session->told();
  std::sort(is.begin(), is.end());
  EXPECT_EQ(std::unique(is.begin(), is.end()), is.end());
}

}  // namespace
