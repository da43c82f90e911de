// The end of the whole server on the simulated cluster: what was produced arrives, nothing stays
// behind.
#include "support/story_world.h"

namespace {

using base::seconds;
using test::StoryWorld;
using Told = std::vector<std::string>;

struct StoryDrain : StoryWorld {
  static constexpr const char* kUri = "k0rdent://events/team-a";
  void emit(int n) {
    cluster.emit({.ns = "team-a", .name = "e" + std::to_string(n), .message = "m"});
  }
};

TEST_F(StoryDrain, FramesInFlightAllArriveAndStreamsEndProperly) {
  start_app();
  auto one = connect();
  auto two = connect();
  ASSERT_TRUE(one->subscribe(kUri));
  ASSERT_TRUE(two->subscribe(kUri));
  ASSERT_TRUE(run_until([&] { return api.open_streams("/events") == 1; }));
  one->pause(true);
  for (int i = 0; i < 500; ++i)
    emit(i);
  ASSERT_TRUE(run_until([&] { return two->updates().size() == 500; }));
  app->shutdown("SIGTERM");
  one->pause(false);
  stop_app();
  ASSERT_TRUE(run_until([&] { return one->stream_over() && two->stream_over(); }));
  for (auto* session : {one.get(), two.get()}) {
    EXPECT_TRUE(session->stream_ended());
    const Told is = session->told();
    ASSERT_GE(is.size(), 500u);
    for (int i = 0; i < 500; ++i)
      EXPECT_EQ(is[static_cast<std::size_t>(i)], "ADDED e" + std::to_string(i) + " m");
    ASSERT_EQ(is.size(), 501u);
    EXPECT_EQ(is.back().substr(0, 5), "ERROR") << "no subscription ends silently";
  }
  EXPECT_EQ(api.open_streams(), 0);
}

TEST_F(StoryDrain, AReaderThatTakesNothingHoldsItUpNoLongerThanTheDrainTimeout) {
  app::Settings settings;
  settings.drain_timeout = seconds(10);
  start_app(settings);
  auto session = connect();
  ASSERT_TRUE(session->subscribe(kUri));
  session->pause(true);
  for (int i = 0; i < 3000; ++i) {
    cluster.emit(
        {.ns = "team-a", .name = "e" + std::to_string(i), .message = std::string(4000, 'x')});
    if (i % 100 == 0) settle();
  }
  settle();
  const base::TimePoint before = loop.now();
  stop_app();
  EXPECT_LE(loop.now() - before, seconds(10));
  EXPECT_EQ(api.open_streams(), 0);
}

TEST_F(StoryDrain, WithAnIdleSubscriberItEndsAtOnce) {
  start_app();
  auto session = connect();
  ASSERT_TRUE(session->subscribe(kUri));
  const base::TimePoint before = loop.now();
  stop_app();
  EXPECT_LT(loop.now() - before, seconds(1));
  EXPECT_TRUE(run_until([&] { return session->stream_over(); }));
  EXPECT_TRUE(session->stream_ended());
}

TEST_F(StoryDrain, ACallInFlightIsFinished) {
  start_app();
  auto session = connect();
  api.faults().add({.match = {.verb = "list", .path = "/namespaces"}, .delay = seconds(2)});
  auto call =
      session->send("tools/call", R"({"name":"k0rdent.mgmt.namespaces.list","arguments":{}})");
  ASSERT_TRUE(run_until([&] { return api.count("list") == 1; }));
  const base::TimePoint before = loop.now();
  stop_app();
  ASSERT_TRUE(run_until([&] { return call->done(); }));
  EXPECT_NE(call->body.find("kcm-system"), std::string::npos) << call->body;
  EXPECT_LT(loop.now() - before, seconds(5));
}

TEST_F(StoryDrain, ACallThatDoesNotEndIsAnsweredWithAnError) {
  start_app();
  auto session = connect();
  api.faults().add({.match = {.verb = "list", .path = "/namespaces"}, .never = true});
  auto call =
      session->send("tools/call", R"({"name":"k0rdent.mgmt.namespaces.list","arguments":{}})");
  ASSERT_TRUE(run_until([&] { return api.count("list") == 1; }));
  const base::TimePoint before = loop.now();
  stop_app();
  ASSERT_TRUE(run_until([&] { return call->done(); }));
  EXPECT_NE(call->body.find("shutting down"), std::string::npos) << call->body;
  EXPECT_LT(loop.now() - before, seconds(5));
}

TEST_F(StoryDrain, WhileTheClusterIsAwayItEndsAsFast) {
  start_app();
  auto session = connect();
  ASSERT_TRUE(session->subscribe(kUri));
  ASSERT_TRUE(run_until([&] { return api.open_streams("/events") == 1; }));
  api.stop();
  pass(seconds(90));
  const base::TimePoint before = loop.now();
  stop_app();
  EXPECT_LT(loop.now() - before, seconds(1));
}

}  // namespace
