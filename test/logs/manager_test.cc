// Subscriptions to pod logs: who is refused, what is told, back-pressure, and the end.
#include "logs/manager.h"

#include <gtest/gtest.h>

#include "support/tools_world.h"

namespace {

using base::milliseconds;
using base::seconds;
using logs::Request;
using test::TestSubscriber;
using test::ToolsWorld;
using Told = std::vector<std::string>;

constexpr const char* kLog = "/api/v1/namespaces/team-a/pods/web/log";

struct PodLogManagerTest : ToolsWorld {
  PodLogManagerTest() {
    manager.start();
    cluster.set_pod(kPod);
    cluster.set_pod({.ns = "team-a", .name = "two", .containers = {"app", "side"}});
  }
  ~PodLogManagerTest() override {
    subscribers.clear();
    manager.stop();
    loop.run_once();
  }
  TestSubscriber& subscribe(const std::string& rest = "web/app", mcp::Caller caller = self(),
                            int room = 1 << 30) {
    const std::string uri = "k0rdent://podlogs/team-a/" + rest;
    auto request = Request::from_uri(uri);
    EXPECT_TRUE(request.has_value());
    subscribers.push_back(std::make_unique<TestSubscriber>(uri, std::move(caller)));
    TestSubscriber& one = *subscribers.back();
    one.room = room;
    one.feed = manager.subscribe(one, *request);
    return one;
  }
  TestSubscriber& subscribed(const std::string& rest = "web/app", mcp::Caller caller = self(),
                             int room = 1 << 30) {
    TestSubscriber& one = subscribe(rest, std::move(caller), room);
    EXPECT_TRUE(run_until([&] { return one.answered(); }));
    return one;
  }
  void line(const std::string& text) { cluster.log("team-a", "web", "app", text); }
  bool told(const TestSubscriber& one, std::size_t n) {
    const bool enough = run_until([&] { return one.deltas.size() >= n; });
    settle();
    return enough && one.deltas.size() == n;
  }

  const sim::PodSpec kPod{.ns = "team-a", .name = "web"};
  logs::Manager manager{managed()};
  std::vector<std::unique_ptr<TestSubscriber>> subscribers;
};

TEST_F(PodLogManagerTest, LinesComeAsTheyAreWrittenWithTheirTimeAndNumber) {
  line("one");
  TestSubscriber& one = subscribed();
  ASSERT_TRUE(told(one, 1));
  pass(seconds(1));
  line("two \"quoted\"");
  ASSERT_TRUE(told(one, 2));
  base::json::Document doc;
  const auto second = doc.parse(one.deltas[1]);
  EXPECT_EQ((*second)["type"].str(), "line");
  EXPECT_EQ((*second)["sequence"].int_or(0), 2);
  EXPECT_EQ((*second)["line"].str(), "two \"quoted\"");
  const std::string_view time = (*second)["timestamp"].str();
  EXPECT_TRUE(time.starts_with("2026-01-01T00:00:01.") && time.ends_with("Z")) << time;
  EXPECT_EQ(time.size(), 30u) << "nine digits";
  EXPECT_EQ(manager.active(), 1u);
  EXPECT_EQ(manager.keys(), (Told{"podlogs self team-a/web/app"}));
}

TEST_F(PodLogManagerTest, TheContainerIsChosenWhenNoneIsNamed) {
  line("one");
  EXPECT_TRUE(told(subscribed("web"), 1));
  const TestSubscriber& several = subscribed("two");
  EXPECT_EQ(several.refusal.code, mcp::RpcCode::invalid_params);
  EXPECT_TRUE(several.refusal.message.starts_with("pod 'two' has several containers"));
}

TEST_F(PodLogManagerTest, TailLinesIsForTheFirstRequestOnly) {
  for (const char* text : {"a", "b", "c"})
    line(text);
  TestSubscriber& one = subscribed("web/app?tailLines=2");
  ASSERT_TRUE(told(one, 2));
  EXPECT_EQ(one.told(), (Told{"line b", "line c"}));
  api.end_streams("/log", sim::ApiServer::End::cut);
  pass(seconds(3));
  line("d");
  ASSERT_TRUE(told(one, 3)) << ::testing::PrintToString(one.told());
  EXPECT_EQ(one.told().back(), "line d");
}

TEST_F(PodLogManagerTest, RefusalsAreInTheServersWordsWithTheirCodes) {
  const TestSubscriber& no_pod = subscribed("gone");
  EXPECT_EQ(no_pod.refusal.code, mcp::RpcCode::resource_not_found);
  EXPECT_EQ(no_pod.refusal.message, R"(get pod: pods "gone" not found)");
  const TestSubscriber& no_pod_either = subscribed("gone/app");
  EXPECT_EQ(no_pod_either.refusal.code, mcp::RpcCode::resource_not_found);
  EXPECT_EQ(no_pod_either.refusal.message, R"(open log stream: pods "gone" not found)");
  const TestSubscriber& no_container = subscribed("web/nope");
  EXPECT_TRUE(no_container.refusal.message.starts_with("open log stream: container nope"))
      << no_container.refusal.message;
  deny("get", "pods/log");
  const TestSubscriber& forbidden = subscribed();
  EXPECT_EQ(forbidden.refusal.code, mcp::RpcCode::internal_error);
  EXPECT_TRUE(forbidden.refusal.message.starts_with("open log stream: pods \"web\" is forbidden"))
      << forbidden.refusal.message;
  EXPECT_TRUE(forbidden.refusal.message.ends_with("resources: [pods/log], verbs: [get]}"))
      << forbidden.refusal.message;
  for (const auto& each : subscribers) {
    EXPECT_EQ(each->accepts, 0);
    EXPECT_EQ(each->refusals, 1);
    each->feed.reset();
  }
  EXPECT_EQ(manager.active(), 0u);
}

TEST_F(PodLogManagerTest, FiveFailuresOpenTheBreakerWhetherTheContainerIsNamedOrNot) {
  for (const char* rest : {"web/app", "web"}) {
    SCOPED_TRACE(rest);
    answer(rest == std::string("web") ? "get" : "log", "/pods/web", sim::internal_error("kubelet"),
           5);
    for (const int delay : {0, 1, 2, 4, 8}) {
      pass(milliseconds(1200 * delay));
      TestSubscriber& one = subscribed(rest);
      EXPECT_EQ(one.refusals, 1);
      EXPECT_NE(one.refusal.message.find("kubelet"), std::string::npos) << one.refusal.message;
      one.feed.reset();
    }
    const TestSubscriber& one = subscribe(rest);
    EXPECT_EQ(one.feed, nullptr);
    EXPECT_EQ(one.refusal.message.substr(0, 88),
              "the log of pod 'web' cannot be followed now: the API server kept failing; try again "
              "in 3")
        << "30 s and their spread";
    pass(seconds(31));
    TestSubscriber& again = subscribed(rest);
    EXPECT_EQ(again.accepts, 1);
    again.feed.reset();
    settle();
  }
}

TEST_F(PodLogManagerTest, ASubscriberThatDoesNotReadLosesNoLine) {
  TestSubscriber& slow = subscribed("web/app", self(), 3);
  const int many = 12000;
  for (int i = 0; i < many; ++i)
    line("line number " + std::to_string(i));
  settle();
  EXPECT_EQ(slow.deltas.size(), 3u);
  while (slow.deltas.size() < static_cast<std::size_t>(many)) {
    const std::size_t before = slow.deltas.size();
    slow.make_room(1000);
    ASSERT_TRUE(run_until([&] { return slow.deltas.size() > before; }));
  }
  const Told all = slow.told();
  for (int i = 0; i < many; ++i)
    ASSERT_EQ(all[static_cast<std::size_t>(i)], "line line number " + std::to_string(i));
}

TEST_F(PodLogManagerTest, AnEndSaysWhyAndEndsTheSubscription) {
  line("one");
  TestSubscriber& one = subscribed();
  TestSubscriber& slow = subscribed("web/app", self(), 1);
  pass(seconds(2));
  cluster.finish_pod(kPod);
  ASSERT_TRUE(run_until([&] { return one.ends == 1; }));
  ASSERT_EQ(one.told().size(), 2u);
  EXPECT_TRUE(one.told()[1].starts_with("end ")) << one.told()[1];
  pass(seconds(60));
  EXPECT_EQ(slow.ends, 0) << "its last word was not taken yet";
  slow.make_room(5);
  EXPECT_EQ(slow.told(), one.told());
  EXPECT_EQ(slow.ends, 1);
}

TEST_F(PodLogManagerTest, PreviousIsReadToItsEnd) {
  line("old");
  cluster.restart_pod(kPod);
  line("new");
  TestSubscriber& one = subscribed("web/app?previous=true");
  ASSERT_TRUE(run_until([&] { return one.ends == 1; }));
  EXPECT_EQ(one.told(), (Told{"line old", "end end of the log"}));
}

TEST_F(PodLogManagerTest, ARefusalLaterIsToldBeforeTheEnd) {
  TestSubscriber& one = subscribed();
  line("one");
  ASSERT_TRUE(told(one, 1));
  deny("", "pods/log");
  pass(seconds(2));
  api.end_streams("/log");
  ASSERT_TRUE(run_until([&] { return one.ends == 1; }));
  const Told all = one.told();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_TRUE(all[1].starts_with("error pods \"web\" is forbidden")) << all[1];
  EXPECT_TRUE(all[2].starts_with("end ")) << all[2];
}

TEST_F(PodLogManagerTest, ItStopsWithItsSubscriberAndWithTheManager) {
  TestSubscriber& one = subscribed();
  TestSubscriber& two = subscribed("two/app");
  ASSERT_TRUE(run_until([&] { return api.open_streams("/log") == 2; }));
  one.feed.reset();
  EXPECT_EQ(manager.active(), 1u);
  settle();
  EXPECT_EQ(api.open_streams("/log"), 1);
  manager.stop();
  EXPECT_EQ(manager.active(), 0u);
  settle();
  EXPECT_EQ(api.open_streams("/log"), 0);
  two.feed->on_room();
  two.feed->on_credentials({"self", "x"});
  EXPECT_EQ(subscribe().refusal.message, "the server is shutting down");
  EXPECT_EQ(two.deltas.size(), 0u);
}

TEST_F(PodLogManagerTest, WhoGoesBeforeTheAnswerLeavesNothingBehind) {
  subscribe("web").feed.reset();
  subscribe("web/app").feed.reset();
  EXPECT_EQ(manager.active(), 0u);
  settle();
  EXPECT_TRUE(api.seen().empty());
}

TEST_F(PodLogManagerTest, ShuttingDownIsTheLastWordAndNoLineFollowsIt) {
  TestSubscriber& one = subscribed();
  TestSubscriber& slow = subscribed("web/app", self(), 1);
  line("one");
  line("two");
  ASSERT_TRUE(told(one, 2));
  for (TestSubscriber* each : {&one, &slow})
    each->feed->on_ending("the server is shutting down");
  line("three");
  settle();
  slow.make_room(9);
  const Told end = {"line one", "line two", "end the server is shutting down"};
  EXPECT_EQ(one.told(), end);
  EXPECT_EQ(slow.told().front(), "line one");
  EXPECT_EQ(slow.told().back(), end.back());
  EXPECT_EQ(api.open_streams("/log"), 0);
}

TEST_F(PodLogManagerTest, AFreshTokenIsUsedFromTheNextRequestOn) {
  api.users()["old"] = {.name = "alice", .uid = "1"};
  api.users()["new"] = {.name = "alice-anew", .uid = "1"};
  TestSubscriber& one = subscribed("web/app", {"alice", "old"});
  line("one");
  ASSERT_TRUE(told(one, 1));
  one.renew("new");
  api.users().erase("old");
  pass(seconds(2));
  api.end_streams("/log");
  line("two");
  ASSERT_TRUE(told(one, 2));
  EXPECT_EQ(api.seen().back().user, "alice-anew");
  EXPECT_EQ(api.count("log", kLog), 2);
}

}  // namespace
