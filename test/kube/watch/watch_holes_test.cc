// What no test entered with the value that matters: streams that leave, break off or grow old, and
// watches that lose their subscribers, tokens and connections at an awkward moment.
#include <algorithm>

#include "events/manager.h"
#include "graph/manager.h"
#include "logs/manager.h"
#include "support/log_world.h"
#include "support/reflector_world.h"
#include "support/tools_world.h"

namespace {

using base::milliseconds;
using base::minutes;
using base::seconds;
using test::Asked;
using test::bookmark;
using test::frame;
using test::list;
using test::object;
using test::Pod;
using test::TestSubscriber;
using Told = std::vector<std::string>;

// ---- log streams

struct LogHoles : test::LogWorld {
  Asked follow(const std::string& first = "one") {
    start();
    Asked log = opened();
    log.write(line("01", first));
    pass(seconds(2));
    take();
    return log;
  }
  static Pod restarted() {
    Pod now;
    now.id = "cri://b";
    now.previous = "cri://a";
    now.restarts = 1;
    now.started = "2026-01-01T00:00:09Z";
    return now;
  }
};

TEST_F(LogHoles, ACutInTheRestOfAnEarlierInstanceBacksOff) {
  Asked log = follow();
  log.end();
  settle_pod(restarted());
  Asked rest = asked();
  EXPECT_EQ(rest.param("previous"), "true");
  rest.begin();
  rest.write(line("01", "one") + line("02", "two"));
  settle();
  rest.cut();
  settle();
  EXPECT_EQ(take(), (Told{"two", "<down>"}));
  EXPECT_GE(down, seconds(1));
  EXPECT_LE(down, milliseconds(1200));
  EXPECT_EQ(retry.breaker().failures(), 1);
  EXPECT_TRUE(quiet(milliseconds(950)));
  settle_pod(restarted());
  rest = asked();
  EXPECT_EQ(rest.param("previous"), "true") << "it was not whole";
  rest.reply.send(200, "text/plain", line("02", "two") + line("03", "three"));
  settle_pod(restarted());
  asked().begin();
  settle();
  EXPECT_EQ(take(), (Told{"<up>", "three", "<restart>"}));
}

TEST_F(LogHoles, HalfALineAtTheAgeLimitComesWholeAndOnce) {
  Asked log = follow();
  log.write("2026-01-01T00:00:02Z ha");
  Asked look = asked();
  EXPECT_GE(look.at - log.at, minutes(30));
  EXPECT_FALSE(log.connected());
  look.json(Pod{}.json());
  Asked again = asked();
  EXPECT_EQ(again.param("sinceTime"), "2026-01-01T00:00:01Z");
  again.begin();
  again.write(line("01", "one") + line("02", "half") + line("03", "next"));
  settle();
  EXPECT_EQ(take(), (Told{"half", "next"}));
}

TEST_F(LogHoles, AnInstanceThatBrokeOffAndWasThrownAwayIsAGap) {
  Asked log = follow();
  log.cut();
  Pod over;
  over.state = "terminated";
  settle_pod(over);
  asked().fail(400, "BadRequest", "unable to retrieve container logs");
  settle_pod(restarted());
  asked().begin();
  settle();
  EXPECT_EQ(take(), (Told{"<gap>", "<restart>"})) << "its last lines never came";
}

TEST_F(LogHoles, ACutInsideACharacterOfFourBytesLeavesNoTrace) {
  const std::string smile = "\xF0\x9F\x98\x80";
  for (std::size_t bytes = 1; bytes < 4; ++bytes) {
    SCOPED_TRACE(bytes);
    Asked log = follow();
    log.write("2026-01-01T00:00:02Z so " + smile.substr(0, bytes));
    settle();
    log.cut();
    settle_pod({});
    Asked again = asked();
    again.begin();
    again.write(line("01", "one") + line("02", "so " + smile + "!"));
    settle();
    EXPECT_EQ(take(), (Told{"so " + smile + "!"}));
    stream.reset();
    settle();
    api.waiting.clear();
  }
}

// ---- reflectors

struct ReflectorHoles : test::ReflectorWorld {
  std::string initial_events_end(std::string_view version) {
    return frame("BOOKMARK", R"({"metadata":{"resourceVersion":")" + std::string(version) +
                                 R"(","annotations":{"k8s.io/initial-events-end":"true"}}})");
  }
  void on_got(kube::ApiGet::Outcome) { ++got; }
  int got = 0;
};

TEST_F(ReflectorHoles, AStreamedListMayTakeAMinuteAndItsWatchLivesOn) {
  client->set_streams_lists(true);
  start();
  Asked streamed = asked();
  streamed.begin();
  streamed.write(frame("ADDED", object("a", "5")));
  pass(seconds(58));
  streamed.write(initial_events_end("10"));
  settle();
  EXPECT_EQ(take(), (Said{"+ns/a=5", "<synced>"}));
  pass(minutes(3));
  EXPECT_TRUE(streamed.connected()) << "the minute was for the list alone";
  streamed.write(frame("ADDED", object("b", "11")));
  settle();
  EXPECT_EQ(take(), Said{"+ns/b=11"});
  EXPECT_TRUE(client->streams_lists());
}

TEST_F(ReflectorHoles, OneThatTakesLongerIsListedInPagesAndNothingIsTold) {
  client->set_streams_lists(true);
  start();
  Asked streamed = asked();
  streamed.begin();
  for (int i = 0; i < 12; ++i) {
    streamed.write(frame("ADDED", object("n" + std::to_string(i), std::to_string(i + 1))));
    pass(seconds(5));
  }
  Asked page = asked_list();
  EXPECT_LE(page.at - streamed.at, milliseconds(60100));
  EXPECT_EQ(take(), Said{});
  page.json(list("20", {object("a", "5")}));
  asked_watch("20");
  EXPECT_EQ(take(), (Said{"+ns/a=5", "<synced>"}));
  EXPECT_EQ(retry.breaker().failures(), 0);
}

TEST_F(ReflectorHoles, AWatchThatFellSilentTakesTheIdleConnectionsAlong) {
  for (const bool silent : {true, false}) {
    SCOPED_TRACE(silent);
    Asked watch = synced();
    if (!silent) watch.write(bookmark("11"));
    const base::Duration timeout = seconds(std::stoi(watch.param("timeoutSeconds")));
    pass(timeout);
    // Another call of ours leaves its connection behind, which is as dead as the watch's.
    kube::ApiGet get(*client, kube::ApiGet::Fn::bind<&ReflectorHoles::on_got>(
                                  static_cast<ReflectorHoles*>(this)));
    kube::ApiRequest request;
    request.path = "/api/v1/namespaces";
    get.start(std::move(request));
    asked().json(list("1", {}));
    settle();
    EXPECT_EQ(client->stats().connections, 2U);
    ASSERT_TRUE(run_until([&] { return !watch.connected(); }));
    EXPECT_EQ(client->stats().connections, silent ? 0U : 1U);
    reflector.reset();
    api.waiting.clear();
    take();
    pass(minutes(3));
  }
}

TEST_F(ReflectorHoles, ARefusalOfTheTrialGivesItsPlaceBack) {
  for (const int status : {401, 403, 404}) {
    SCOPED_TRACE(status);
    for (int i = 0; i < 5; ++i)
      retry.failed(kube::Failure());
    start();
    asked_list().fail(status, "", "no");
    settle();
    EXPECT_EQ(retry.state(), watchutil::CircuitBreaker::State::half_open);
    EXPECT_EQ(retry.breaker().failures(), 5) << "it says nothing of the server";
    EXPECT_TRUE(retry.ask(kube::watch::Retry::Floor::none).attempt) << "another stream may try";
    reflector.reset();
    take();
    retry.allow(kube::watch::Retry::Floor::none);
    retry.succeeded();
    pass(seconds(2));
  }
}

// ---- what subscribers share

struct SharedHoles : test::ToolsWorld {
  SharedHoles() {
    events.start();
    logs.start();
    graph.start();
    cluster.set_pod({.ns = "team-a", .name = "web"});
  }
  ~SharedHoles() override {
    subscribers.clear();
    for (fanout::Manager* each :
         {static_cast<fanout::Manager*>(&events), static_cast<fanout::Manager*>(&logs),
          static_cast<fanout::Manager*>(&graph)})
      each->stop();
    loop.run_once();
  }
  TestSubscriber& make(const std::string& uri, mcp::Caller caller = self()) {
    subscribers.push_back(std::make_unique<TestSubscriber>(uri, std::move(caller)));
    return *subscribers.back();
  }
  TestSubscriber& follow(const std::string& rest) {
    TestSubscriber& one = make("k0rdent://podlogs/team-a/" + rest);
    one.feed = logs.subscribe(one, *logs::Request::from_uri(one.uri()));
    return one;
  }
  TestSubscriber& watch_events(mcp::Caller caller = self()) {
    TestSubscriber& one = make("k0rdent://events/team-a", std::move(caller));
    one.feed = events.subscribe(one, *events::Selector::from_uri(one.uri()));
    return one;
  }
  bool accepted(TestSubscriber& one) {
    return run_until([&] { return one.answered(); }) && one.accepts == 1;
  }
  void emit(const std::string& name) {
    cluster.emit({.ns = "team-a", .name = name, .message = "m"});
  }
  events::Manager events{managed()};
  logs::Manager logs{managed()};
  graph::Manager graph{managed()};
  std::vector<std::unique_ptr<TestSubscriber>> subscribers;
};

TEST_F(SharedHoles, OfTwoFollowersOfALogTheOneThatLeavesEndsItsOwnStream) {
  for (const bool first_leaves : {true, false}) {
    cluster.log("team-a", "web", "app", "before");
    TestSubscriber& one = follow("web/app?tailLines=0");
    TestSubscriber& two = follow("web/app?sinceSeconds=1");
    ASSERT_TRUE(accepted(one) && accepted(two));
    ASSERT_EQ(logs.active(), 2u) << "each its own stream, of one slot";
    (first_leaves ? one : two).feed.reset();
    settle();
    EXPECT_EQ(logs.active(), 1u);
    TestSubscriber& stays = first_leaves ? two : one;
    const std::size_t told = stays.deltas.size();
    cluster.log("team-a", "web", "app", "after");
    EXPECT_TRUE(run_until([&] { return stays.deltas.size() > told; }));
    EXPECT_NE(stays.deltas.back().find("after"), std::string::npos);
    stays.feed.reset();
    pass(seconds(3));
  }
}

TEST_F(SharedHoles, AnOpenBreakerRefusesInItsLastSecondsToo) {
  answer("list", "/events", sim::internal_error("away"), 5);
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(accepted(watch_events()));
    if (i < 4) pass(seconds(12));
  }
  pass(seconds(29));
  const std::size_t asked = api.seen().size();
  const TestSubscriber& one = watch_events();
  EXPECT_EQ(one.refusals, 1) << "at once";
  EXPECT_NE(one.refusal.message.find("try again in "), std::string::npos);
  pass(milliseconds(900));
  EXPECT_EQ(api.seen().size(), asked);
  pass(milliseconds(200));
  EXPECT_TRUE(accepted(watch_events())) << "the cooldown is over";
}

TEST_F(SharedHoles, WhatIsQueuedForASlowReaderComesBeforeWhatIsNew) {
  TestSubscriber& one = watch_events();
  ASSERT_TRUE(accepted(one));
  pass(seconds(2));
  one.room = 0;
  for (const char* name : {"a", "b"}) {
    emit(name);
    settle();
  }
  one.room = 10;  // it could take more, and has not said so
  emit("c");
  settle();
  one.make_room(0);
  settle();
  EXPECT_EQ(one.told(), (Told{"ADDED a m", "ADDED b m", "ADDED c m"}));
}

TEST_F(SharedHoles, ATokenThatCameBackIsTriedAgainWhenTheOtherRunsOut) {
  api.users()["one"] = {.name = "alice-one", .uid = "1"};
  api.users()["two"] = {.name = "alice-two", .uid = "1"};
  TestSubscriber &first = watch_events({"alice", "one"}), &second = watch_events({"alice", "two"});
  ASSERT_TRUE(accepted(first) && accepted(second));
  pass(seconds(2));
  const auto cut = [&](const std::string& gone, const std::string& there) {
    api.users().erase(gone);
    api.users()[there] = {.name = "alice-" + there, .uid = "1"};
    api.end_streams("/events");
    ASSERT_TRUE(run_until([&] { return api.open_streams("/events") == 1; }));
    EXPECT_EQ(api.seen().back().user, "alice-" + there);
    pass(seconds(3));  // confirmed: all may be tried again
  };
  for (int i = 0; i < 3; ++i) {
    cut("one", "two");
    cut("two", "one");
  }
  EXPECT_EQ(first.deltas.size() + second.deltas.size(), 0u) << "nobody needs to be told";
}

TEST_F(SharedHoles, AnOutageEndsAWatchThatLingersForNobody) {
  TestSubscriber& one = watch_events();
  ASSERT_TRUE(accepted(one));
  pass(seconds(2));
  one.feed.reset();
  api.stop();
  pass(seconds(2));
  EXPECT_EQ(events.active(), 0u) << "it would have stayed for 5 s";
}

TEST_F(SharedHoles, AGraphGoesOnWithTheTokenThatItsSubscriberCameBackWith) {
  ASSERT_TRUE(api.store().load_folder("test/fixtures/k0rdent").has_value());
  api.users()["old"] = {.name = "alice", .uid = "1"};
  TestSubscriber& one = make("k0rdent://graph", {"alice", "old"});
  one.feed = graph.subscribe(one, {});
  ASSERT_TRUE(accepted(one)) << one.refusal.message;
  pass(seconds(2));
  api.users()["new"] = {.name = "alice-anew", .uid = "1"};
  one.renew("new");
  api.users().erase("old");
  const std::size_t told = one.deltas.size();
  api.forget_seen();
  api.end_streams();
  pass(seconds(3));
  ASSERT_FALSE(api.seen().empty());
  for (const auto& seen : api.seen())
    EXPECT_EQ(seen.user, "alice-anew") << seen.path;
  pass(minutes(6));  // probes and look-ups, too
  for (const auto& seen : api.seen())
    EXPECT_EQ(seen.user, "alice-anew") << seen.path;
  EXPECT_EQ(one.deltas.size(), told) << "nothing is told of it";
}

TEST_F(SharedHoles, AGraphsWatchesAreDescribedWithWhoseTheyAre) {
  ASSERT_TRUE(api.store().load_folder("test/fixtures/k0rdent").has_value());
  api.faults().add({.match = {.path = "/apis/", .count = 1}, .delay = seconds(1)});
  TestSubscriber& one = make("k0rdent://graph");
  one.feed = graph.subscribe(one, {});
  settle();
  std::vector<fanout::WatchInfo> infos = graph.watches();
  ASSERT_EQ(infos.size(), 1u);
  EXPECT_EQ(infos[0].key, "graph self");
  EXPECT_EQ(infos[0].status.state, "discovering");
  ASSERT_TRUE(accepted(one)) << one.refusal.message;
  pass(seconds(3));
  infos = graph.watches();
  EXPECT_GE(infos.size(), 10u) << "one for each kind";
  for (const fanout::WatchInfo& info : infos) {
    EXPECT_EQ(info.manager, "graph");
    EXPECT_TRUE(info.key.starts_with("graph self")) << info.key;
    EXPECT_EQ(info.identity, "self");
    EXPECT_EQ(info.status.state, "confirmed") << info.key;
    EXPECT_EQ(info.subscribers, 1u);
    EXPECT_EQ(info.failures, 0u);
  }
  EXPECT_EQ(std::count_if(infos.begin(), infos.end(),
                          [](const auto& info) { return info.key == "graph self"; }),
            1);
}

}  // namespace
