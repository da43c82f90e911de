// What the watches ask the API server for, counted as an outside observer would: every request of a
// watch, its first look-up, its discovery and its probes included, is an attempt of its key.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "support/story_world.h"

namespace {

using base::Duration;
using base::milliseconds;
using base::minutes;
using base::seconds;
using test::McpSession;
using test::StoryWorld;
using End = sim::ApiServer::End;

constexpr const char* kEvents = "k0rdent://events/team-a";
constexpr const char* kLog = "k0rdent://podlogs/team-a/p/app";
constexpr const char* kUnnamed = "k0rdent://podlogs/team-a/p";
constexpr const char* kGraph = "k0rdent://graph";

struct Attempts : StoryWorld {
  Attempts() {
    base::log::configure({.level = base::log::Level::debug});
    EXPECT_TRUE(api.store().load_folder("test/fixtures/k0rdent").has_value());
    cluster.set_pod({.ns = "team-a", .name = "p"});
    cluster.log("team-a", "p", "app", "one");
    cluster.emit({.ns = "team-a", .name = "e"});
  }
  ~Attempts() override { base::log::configure({}); }

  // What arrived since the last forget_seen(), path containing `path`, not containing `without`.
  std::vector<base::TimePoint> times(std::string_view path, std::string_view without = "\n") const {
    std::vector<base::TimePoint> out;
    for (const auto& seen : api.seen()) {
      const std::string all = seen.path + "?" + seen.query;
      if (all.find(path) != std::string::npos && all.find(without) == std::string::npos)
        out.push_back(seen.at);
    }
    return out;
  }
  // Whatever is asked for whose path contains `path` fails until clear().
  void fail_all(std::string path) {
    sim::AnswerFault fault;
    fault.match = {.path = std::move(path), .count = -1};
    fault.answer = sim::refuse(sim::internal_error("away"));
    api.faults().add(fault);
  }
  void hang_all(std::string path) {
    sim::AnswerFault fault;
    fault.match = {.path = std::move(path), .count = -1};
    fault.never = true;
    api.faults().add(fault);
  }
  int lines(std::string_view message, std::string_view with = {}) const {
    int n = 0;
    const std::string msg = "\"msg\":\"" + std::string(message) + "\"";
    for (const std::string_view line : base::split(log, '\n'))
      n += line.find(msg) != std::string_view::npos && line.find(with) != std::string_view::npos;
    return n;
  }
  // Fails five times and is refused the sixth time without a request.
  void open_breaker(const std::string& uri, std::string_view path) {
    session = connect();
    for (int i = 0; i < 5; ++i) {
      EXPECT_FALSE(session->subscribe(uri)) << i;
      pass(seconds(i == 4 ? 1 : 20));
    }
    const std::size_t asked = times(path).size();
    EXPECT_FALSE(session->subscribe(uri));
    EXPECT_NE(session->error()["message"].str().find("try again in"), std::string_view::npos)
        << session->error().to_json();
    EXPECT_EQ(times(path).size(), asked) << "no attempt at all while it is open";
  }
  std::unique_ptr<McpSession> session;
};

// ---- first look-ups

TEST_F(Attempts, OfManyLogSubscriptionsWithoutAContainerOneTriesWhenTheBreakerIsHalfOpen) {
  // Each looked the pod up before the breaker was asked: N subscriptions were N requests.
  start_app();
  fail_all("/pods/p");
  open_breaker(kUnnamed, "/pods/p");
  api.faults().clear();
  hang_all("/pods/p");
  pass(seconds(40));
  api.forget_seen();
  std::vector<std::unique_ptr<test::SimCall>> calls;
  for (int i = 1; i <= 8; ++i)
    calls.push_back(session->send(
        "resources/subscribe",
        R"({"uri":")" + std::string(kUnnamed) + "?tailLines=" + std::to_string(i) + "\"}"));
  pass(seconds(5));
  EXPECT_EQ(times("/pods/p").size(), 1u);
}

TEST_F(Attempts, ALookUpThatWorksDoesNotHideThatTheLogDoesNot) {
  // Its key was dropped when the container was known: the look-up went on through open breakers.
  start_app();
  fail_all("/pods/p/log");
  open_breaker(kUnnamed, "/pods/p");
  EXPECT_EQ(times("/pods/p", "/log").size(), 5u);
  EXPECT_EQ(times("/pods/p/log").size(), 5u);
  EXPECT_FALSE(session->subscribe(kLog)) << "the container's own key is open, too";
  EXPECT_EQ(times("/pods/p/log").size(), 5u);
  api.faults().clear();
  pass(seconds(40));
  ASSERT_TRUE(session->subscribe(kUnnamed)) << session->error().to_json();
  pass(seconds(3));
  EXPECT_EQ(lines("circuit breaker", R"("breaker":"closed")"), 2) << "both\n" << log;
}

TEST_F(Attempts, SuccessAndFailureInTurnNeverOpenIt) {
  // The look-up's success was not told to its key: alternating, the fifth failure opened it.
  start_app();
  session = connect();
  for (int i = 0; i < 8; ++i) {
    fail_all("/pods/p");
    EXPECT_FALSE(session->subscribe(kUnnamed));
    api.faults().clear();
    pass(seconds(5));
    ASSERT_TRUE(session->subscribe(kUnnamed)) << i << session->error().to_json();
    pass(seconds(5));
    ASSERT_TRUE(session->unsubscribe(kUnnamed));
    pass(seconds(5));
  }
  EXPECT_EQ(lines("circuit breaker"), 0) << log;
}

TEST_F(Attempts, ALogThatIsFollowedWithoutANameIsNotLookedUpAgain) {
  start_app();
  session = connect();
  ASSERT_TRUE(session->subscribe(kUnnamed));
  pass(seconds(3));
  api.forget_seen();
  ASSERT_TRUE(session->subscribe(std::string(kUnnamed) + "?tailLines=5"))
      << session->error().to_json();
  pass(seconds(3));
  EXPECT_LE(times("/pods/p", "/log").size(), 1u) << "the stream's own look alone";
}

// ---- discovery and probes

TEST_F(Attempts, TheDiscoveryOfEventsIsOneAttemptWhenTheBreakerIsHalfOpen) {
  start_app();
  fail_all("/apis/events.k8s.io");
  open_breaker(kEvents, "/apis/events.k8s.io");
  EXPECT_EQ(times("events").size(), 5u);
  api.faults().clear();
  hang_all("/apis/events.k8s.io");
  pass(seconds(40));
  api.forget_seen();
  std::vector<std::unique_ptr<test::SimCall>> calls;
  std::vector<std::unique_ptr<McpSession>> sessions;
  for (int i = 0; i < 5; ++i) {
    sessions.push_back(connect());
    calls.push_back(
        sessions.back()->send("resources/subscribe", R"({"uri":")" + std::string(kEvents) + "\"}"));
  }
  pass(seconds(5));
  EXPECT_EQ(times("events").size(), 1u);
}

TEST_F(Attempts, ADiscoveryThatFailsCountsForTheGraphAndAsksOneThingAlone) {
  start_app();
  fail_all("/apis/");
  api.forget_seen();
  open_breaker(kGraph, "/apis/");
  EXPECT_EQ(times("/apis/").size(), 5u) << "no other group is asked before the first answers";
  EXPECT_GE(lines("circuit breaker", R"("breaker":"open","watch":"graph)"), 1) << log;
  api.faults().clear();
  pass(seconds(40));
  EXPECT_TRUE(session->subscribe(kGraph)) << session->error().to_json();
}

TEST_F(Attempts, AFailedGraphSubscriptionDelaysTheNext) {
  start_app();
  fail_all("/apis/");
  session = connect();
  EXPECT_FALSE(session->subscribe(kGraph));
  api.faults().clear();
  api.forget_seen();
  const base::TimePoint failed = loop.now();
  EXPECT_TRUE(session->subscribe(kGraph)) << session->error().to_json();
  ASSERT_FALSE(times("/apis/").empty());
  EXPECT_GE(times("/apis/").front() - failed, milliseconds(990));
  EXPECT_LE(times("/apis/").front() - failed, milliseconds(1210));
}

// The most that one key may ask in `time` of failures: 5 until it opens, then one each 30 s at the
// first and 60 s later.
std::size_t allowed_in(Duration time) {
  return 8 + static_cast<std::size_t>(time / seconds(60));
}

TEST_F(Attempts, InALongOutageProbesAndLookUpsOfTheGraphKeepTheSchedule) {
  // Both asked every 30 s, whatever the breaker said: 13 look-ups were 35 requests each in 1,300 s.
  start_app();
  session = connect();
  ASSERT_TRUE(session->subscribe(kGraph)) << session->error().to_json();
  pass(seconds(10));
  fail_all("/api");
  api.end_streams("", End::cut);
  api.forget_seen();
  const Duration outage = seconds(1300);
  pass(outage);
  std::map<std::string, std::vector<base::TimePoint>> by_key;
  for (const auto& seen : api.seen()) {
    if (seen.path == "/version") continue;  // the pulse: whether the server lives, for no watch
    std::string key = seen.path;            // discovery, a collection
    for (const char* kind : {"secrets", "configmaps", "deployments"})
      if (seen.path.find("/" + std::string(kind) + "/") != std::string::npos) key = kind;
    by_key[key].push_back(seen.at);
  }
  EXPECT_GE(by_key.size(), 20u);
  std::set<std::int64_t> firsts;
  for (const auto& [key, at] : by_key) {
    EXPECT_LE(at.size(), allowed_in(outage)) << key;
    // A full cooldown without any after the fifth failure.
    if (at.size() < 6) continue;
    EXPECT_GE(at[5] - at[4], seconds(30)) << key;
    firsts.insert(base::to_ms(at[5].since));
  }
  EXPECT_GE(firsts.size(), by_key.size() / 2) << "the trials come each at its own time";
  api.faults().clear();
  pass(seconds(150));
  session->ask("resources/read", R"({"uri":"k0rdent://graph"})");
  EXPECT_TRUE(session->result().present());
}

// ---- streams

struct AttemptsOf : Attempts, ::testing::WithParamInterface<int> {
  struct Kind {
    const char* uri;
    const char* path;  // of its stream's requests
  };
  const Kind& kind() const {
    static constexpr Kind kKinds[] = {
        {kEvents, "/events?watch"}, {kLog, "/pods/p/log"}, {kGraph, "/clusterdeployments?watch"}};
    return kKinds[GetParam()];
  }
  std::string collection() const {
    const std::string path = kind().path;
    return path.substr(0, path.find('?'));
  }
  void follow() {
    start_app();
    session = connect();
    ASSERT_TRUE(session->subscribe(kind().uri)) << session->error().to_json();
    ASSERT_TRUE(run_until([&] { return api.open_streams(collection()) == 1; }));
    pass(seconds(10));
    api.forget_seen();
  }
  // From now to the next request of the stream.
  Duration until_next() {
    api.forget_seen();
    const base::TimePoint now = loop.now();
    EXPECT_TRUE(run_until([&] { return !times(collection()).empty(); }));
    return times(collection()).front() - now;
  }
};

TEST_P(AttemptsOf, AStreamThatIsCutWaitsASecondAndAFifthMoreAtTheMost) {
  // A watch came back after 0-500 ms, a log after 0 ms without jitter.
  follow();
  std::set<std::int64_t> waits;
  for (int i = 0; i < 12; ++i) {
    api.end_streams(collection(), End::cut);
    const Duration wait = until_next();
    EXPECT_GE(wait, milliseconds(999));
    EXPECT_LE(wait, milliseconds(1210));
    waits.insert(base::to_ms(wait));
    pass(seconds(20));
  }
  EXPECT_GE(waits.size(), 8u) << "jitter";
  EXPECT_LE(*waits.begin(), 1110);
  EXPECT_GE(*waits.rbegin(), 1090);
  EXPECT_EQ(lines("circuit breaker"), 0) << "each of them was followed by a success";
}

TEST_P(AttemptsOf, AStreamThatEndsCleanlyGoesOnAtOnce) {
  follow();
  for (int i = 0; i < 5; ++i) {
    api.end_streams(collection(), End::proper);
    EXPECT_LE(until_next(), milliseconds(50));
    pass(seconds(20));
  }
  EXPECT_EQ(lines("watch attempt failed"), 0) << log;
}

TEST_P(AttemptsOf, StartsAreASecondApartAndAFifthMoreAtTheMost) {
  follow();
  api.end_streams(collection(), End::proper);
  base::TimePoint last = loop.now() + until_next();
  std::set<std::int64_t> gaps;
  for (int i = 0; i < 8; ++i) {
    // It is confirmed by what it says, and ends at once.
    ASSERT_TRUE(run_until([&] { return api.open_streams(collection()) == 1; }));
    last = loop.now();
    cluster.log("team-a", "p", "app", "line " + std::to_string(i));
    cluster.emit({.ns = "team-a", .name = "e" + std::to_string(i)});
    api.raw_to_streams("/clusterdeployments",
                       R"({"type":"BOOKMARK","object":{"metadata":{"resourceVersion":")" +
                           now_version() + "\"}}}\n");
    settle();
    api.end_streams(collection(), End::proper);
    const base::TimePoint ended = loop.now();
    const Duration gap = ended + until_next() - last;
    EXPECT_GE(gap, milliseconds(990));
    EXPECT_LE(gap, milliseconds(1220));
    gaps.insert(base::to_ms(gap));
  }
  EXPECT_GE(gaps.size(), 5u) << "jitter";
}

TEST_P(AttemptsOf, TheScheduleOfTheRequirementsIsWhatArrives) {
  follow();
  fail_all(collection());
  api.end_streams(collection(), End::cut);
  const base::TimePoint cut = loop.now();
  pass(minutes(12));
  // A log's attempt begins with its pod, which answers.
  std::vector<base::TimePoint> at = times(GetParam() == 1 ? "/pods/p/log" : collection());
  ASSERT_GE(at.size(), 10u);
  const int base_s[] = {1, 2, 4, 8, 30, 32, 60, 60, 60};
  const int fifth_ms[] = {200, 400, 800, 1600, 3200, 6400, 12000, 12000, 12000};
  int jitter = 0;
  for (std::size_t i = 0; i < std::size(base_s); ++i) {
    const Duration gap = at[i] - (i == 0 ? cut : at[i - 1]);
    EXPECT_GE(gap, seconds(base_s[i]) - milliseconds(20)) << i;
    EXPECT_LE(gap, seconds(base_s[i]) + milliseconds(fifth_ms[i] + 50)) << i;
    jitter += gap > seconds(base_s[i]) + milliseconds(fifth_ms[i] / 20);
  }
  EXPECT_GE(jitter, 6) << "no herd comes back in step";
  EXPECT_GE(lines("circuit breaker", R"("breaker":"open")"), 1);
  for (const std::string_view line : base::split(log, '\n')) {
    if (line.find("watch attempt failed") == std::string_view::npos) continue;
    EXPECT_NE(line.find(R"("level":"DEBUG")"), std::string_view::npos) << line;
    EXPECT_NE(line.find(R"("delay_ms":)"), std::string_view::npos) << line;
  }
}

std::string manager_name(const ::testing::TestParamInfo<int>& manager) {
  static constexpr const char* kNames[] = {"Events", "PodLogs", "Graph"};
  return kNames[manager.param];
}
INSTANTIATE_TEST_SUITE_P(Managers, AttemptsOf, ::testing::Values(0, 1, 2), manager_name);

}  // namespace
