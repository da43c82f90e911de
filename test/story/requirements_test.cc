// The scenarios that the watchers were asked for, one test each, named as they are; those of the
// pure parts stand in watchutil_test.cc. test/REQUIREMENTS.md has the list.
#include <set>
#include <type_traits>

#include "base/text.h"
#include "kube/watch/log_stream.h"
#include "kube/watch/reflector.h"
#include "support/story_world.h"
#include "tools/register.h"

namespace {

using base::milliseconds;
using base::seconds;
using test::McpSession;
using test::StoryWorld;

struct Requirement : StoryWorld {
  static constexpr const char* kEvents = "k0rdent://events/team-a";
  static constexpr const char* kLog = "k0rdent://podlogs/team-a/p/app";
  static constexpr const char* kGraph = "k0rdent://graph";
  static constexpr const char *kEventsKey = "events self team-a",
                              *kLogKey = "podlogs self team-a/p/app", *kGraphKey = "graph self",
                              *kGraphKindKey =
                                  "graph self servicetemplates.k0rdent.mirantis.com/v1beta1";
  Requirement() {
    base::log::configure({.level = base::log::Level::debug});
    EXPECT_TRUE(api.store().load_folder("test/fixtures/k0rdent").has_value());
    cluster.set_pod({.ns = "team-a", .name = "p"});
    cluster.log("team-a", "p", "app", "one");
    cluster.emit({.ns = "team-a", .name = "e"});
  }
  ~Requirement() override { base::log::configure({}); }

  // One subscriber of each manager.
  void subscribe_to_all() {
    session = connect();
    for (const char* uri : {kEvents, kLog, kGraph})
      ASSERT_TRUE(session->subscribe(uri)) << session->error().to_json();
    ASSERT_TRUE(run_until([&] {
      return api.open_streams("/events") == 1 && api.open_streams("/log") == 1 &&
             api.open_streams("/clusterdeployments") == 1;
    }));
  }
  std::size_t count(std::string_view what) const {
    std::size_t n = 0;
    for (std::size_t at = 0; (at = log.find(what, at)) != std::string::npos; ++at)
      ++n;
    return n;
  }
  // Lines with this message and that much in them, in their order.
  std::vector<std::string> lines(std::string_view message, std::string_view with = {}) const {
    std::vector<std::string> out;
    for (const std::string_view line : base::split(log, '\n')) {
      const std::string msg = "\"msg\":\"" + std::string(message);
      if (line.find(msg) != std::string_view::npos && line.find(with) != std::string_view::npos) {
        out.emplace_back(line);
      }
    }
    return out;
  }
  // The delays of the failed attempts of a watch, in milliseconds.
  std::vector<std::int64_t> delays(std::string_view key) const {
    std::vector<std::int64_t> out;
    const std::string watch = "\"watch\":\"" + std::string(key) + "\"";
    for (const std::string& line : lines("watch attempt failed", watch)) {
      base::json::Document doc;
      const auto root = doc.parse(line);
      if (root) out.push_back((*root)["delay_ms"].int_or(-1));
    }
    return out;
  }
  std::unique_ptr<McpSession> session;
};

// ---- watcher-lifecycle

struct WatcherLifecycle : Requirement {};

TEST_F(WatcherLifecycle, WatcherContextCancellationOnShutdown) {
  start_app();
  subscribe_to_all();
  const base::TimePoint signal = loop.now();
  app->shutdown("SIGTERM");
  ASSERT_TRUE(run_until([&] { return api.open_streams() == 0; }));
  EXPECT_LE(loop.now() - signal, seconds(5));
  EXPECT_EQ(app->watches(), 0u);
  stop_app();
}

// Neither a watch nor a log stream nor a manager can be made without the scope it lives in.
TEST_F(WatcherLifecycle, WatcherInheritsServerContext) {
  static_assert(!std::is_default_constructible_v<loop::Scope>);
  static_assert(std::is_constructible_v<kube::watch::Reflector, const kube::Context&,
                                        kube::watch::Retry&, kube::watch::Collection&,
                                        kube::watch::Health&, kube::watch::ReflectorSpec>);
  static_assert(std::is_same_v<loop::Scope&, decltype(kube::Context::parent)>);
  static_assert(std::is_constructible_v<events::Manager, const fanout::Context&>);
  static_assert(!std::is_default_constructible_v<events::Manager>);
  static_assert(std::is_same_v<loop::Scope&, decltype(cluster::Cluster::scope)>);
  start_app();
  subscribe_to_all();
  EXPECT_GE(app->watches(), 3u) << "each counts in its manager's scope";
}

// Watches that are told to end and take their time, one in each manager, beside the real ones, which
// end at once. Destroyed: it has ended.
struct WatcherStop : WatcherLifecycle {
  ~WatcherStop() override { slow.clear(); }
  void start_slow_watches() {
    start_app();
    subscribe_to_all();
    app->managers().for_each([this](fanout::Manager& manager) {
      slow.push_back(
          std::make_unique<loop::Scope>(manager.scope(), "slow " + std::string(manager.name()),
                                        loop::Scope::Fn::bind<&WatcherStop::on_told>(this)));
    });
  }
  void on_told() { ++told; }
  std::vector<std::unique_ptr<loop::Scope>> slow;
  int told = 0;
};

// Bug: all watches of this test ended in one turn, so that a server that waited for the first
// passed it as well.
TEST_F(WatcherStop, ServerWaitsForWatchersDuringShutdown) {
  start_slow_watches();
  app->shutdown("SIGTERM");
  for (std::size_t ended = 0; ended < slow.size(); ++ended) {
    pass(seconds(1));
    EXPECT_EQ(lines("manager stopped").size(), ended) << log;
    EXPECT_TRUE(lines("shutdown: closing").empty() && app_running());
    EXPECT_TRUE(session->stream_open()) << "HTTP goes on as long as a watch does";
    slow.at(ended).reset();
    settle();
  }
  for (const char* manager : {"events", "podlogs", "graph", "cluster-monitor", "objects"}) {
    const auto said = lines("manager stopped", "\"manager\":\"" + std::string(manager) + "\"");
    ASSERT_EQ(said.size(), 1u) << manager << "\n" << log;
    EXPECT_NE(said[0].find("\"left\":0"), std::string::npos);
  }
  EXPECT_LT(log.rfind("manager stopped"), log.find("shutdown: closing")) << log;
  stop_app();
  EXPECT_TRUE(lines("watch did not end in time").empty());
}

TEST_F(WatcherStop, OneThatDoesNotEndIsNamedAndLeftAtTheDefaultDeadline) {
  ASSERT_EQ(app::Settings().drain_timeout, seconds(10)) << "the requirements' default";
  start_slow_watches();
  slow[0].reset();
  const base::TimePoint signal = loop.now();
  app->shutdown("SIGTERM");
  pass(seconds(2));
  slow[1].reset();
  slow[3].reset();
  slow[4].reset();
  pass(milliseconds(7900));
  EXPECT_EQ(lines("manager stopped").size(), 4u) << log;
  EXPECT_TRUE(lines("shutdown: closing").empty() && app_running());
  ASSERT_TRUE(run_until([&] { return !app_running(); }));
  EXPECT_GE(loop.now() - signal, seconds(10));
  EXPECT_LE(loop.now() - signal, seconds(10) + milliseconds(50));
  const auto late = lines("watch did not end in time", "\"level\":\"ERROR\"");
  ASSERT_EQ(late.size(), 1u) << log;
  EXPECT_NE(late[0].find("\"watch\":\"slow graph\",\"manager\":\"graph\",\"ms\":10000"),
            std::string::npos)
      << late[0];
  EXPECT_EQ(lines("shutdown: watches closed", "\"left\":1").size(), 1u) << log;
  slow.clear();
}

// Bug: the server's own scope was never cancelled; each manager was, one by one.
TEST_F(WatcherStop, TheServersScopeIsCancelledInTheCallAndReachesAllBelow) {
  start_slow_watches();
  auto beside = std::make_unique<loop::Scope>(app->scope(), "beside the managers",
                                              loop::Scope::Fn::bind<&WatcherStop::on_told>(this));
  EXPECT_EQ(told, 0);
  app->shutdown("SIGTERM");
  EXPECT_TRUE(app->scope().cancelled() && beside->cancelled());
  app->managers().for_each([](fanout::Manager& manager) {
    EXPECT_TRUE(manager.scope().cancelled()) << manager.name();
    EXPECT_EQ(manager.active(), 0u) << manager.name();
  });
  EXPECT_EQ(told, 6) << "each once, in the call itself";
  slow.clear();
  beside.reset();
  stop_app();
  EXPECT_EQ(told, 6);
}

TEST_F(WatcherLifecycle, StopMethodDrainsActiveWatchers) {
  start_app();
  subscribe_to_all();
  stop_app();
  EXPECT_EQ(app->watches(), 0u);
  EXPECT_FALSE(app_running());
}

TEST_F(WatcherLifecycle, WaitGroupTracksWatcherGoroutines) {
  start_app();
  session = connect();
  EXPECT_EQ(app->watches(), 0u);
  ASSERT_TRUE(session->subscribe(kEvents));
  EXPECT_EQ(app->watches(), 1u);
  ASSERT_TRUE(session->subscribe(kLog));
  EXPECT_EQ(app->watches(), 2u);
  ASSERT_TRUE(session->unsubscribe(kLog));
  settle();
  EXPECT_EQ(app->watches(), 1u);
  ASSERT_TRUE(session->unsubscribe(kEvents));
  pass(seconds(6));
  EXPECT_EQ(app->watches(), 0u) << "the linger is over";
}

// All three wait by the same schedule and open after the same number of failures.
TEST_F(WatcherLifecycle, SharedLogicAcrossManagers) {
  start_app();
  subscribe_to_all();
  api.stop();
  pass(seconds(14));
  EXPECT_TRUE(lines("circuit breaker", "\"breaker\":\"open\"").empty()) << log;
  pass(seconds(10));
  std::set<std::int64_t> jitters;
  for (const char* key : {kEventsKey, kLogKey, kGraphKey, kGraphKindKey}) {
    SCOPED_TRACE(key);
    const auto waits = delays(key);
    ASSERT_EQ(waits.size(), 5u) << log;
    const std::int64_t expected[] = {1000, 2000, 4000, 8000, 30000};
    const std::int64_t fifth[] = {200, 400, 800, 1600, 3200};
    for (std::size_t i = 0; i < 5; ++i) {
      EXPECT_GE(waits[i], expected[i]);
      EXPECT_LE(waits[i], expected[i] + fifth[i]);
      if (waits[i] > expected[i] + fifth[i] / 50) jitters.insert(waits[i] * 10 + std::int64_t(i));
    }
    EXPECT_EQ(
        lines("circuit breaker", "\"breaker\":\"open\",\"watch\":\"" + std::string(key) + "\"")
            .size(),
        1u)
        << log;
  }
  EXPECT_GE(jitters.size(), 17u) << "each its own, in all of them\n" << log;
}

// ---- pod-log-manager-lifecycle

struct PodLogLifecycle : Requirement {
  void follow() {
    session = connect();
    ASSERT_TRUE(session->subscribe(kLog)) << session->error().to_json();
    ASSERT_TRUE(run_until([&] { return api.open_streams("/log") == 1; }));
  }
  void fail_next(int n) {
    sim::AnswerFault fault;
    fault.match = {.verb = "log", .path = "/log", .count = n};
    fault.answer = sim::refuse(sim::internal_error("the kubelet is away"));
    api.faults().add(fault);
  }
};

TEST_F(PodLogLifecycle, LogStreamUsesParentContext) {
  static_assert(
      std::is_constructible_v<kube::watch::LogStream, const kube::Context&, kube::watch::Retry&,
                              kube::watch::Health&, kube::watch::LogSink&, kube::watch::LogSpec>);
  static_assert(
      !std::is_constructible_v<kube::watch::LogStream, kube::watch::Retry&, kube::watch::Health&,
                               kube::watch::LogSink&, kube::watch::LogSpec>);
  start_app();
  follow();
  EXPECT_EQ(app->watches(), 1u);
}

TEST_F(PodLogLifecycle, StreamContextCancellationStopsConsumption) {
  start_app();
  follow();
  app->shutdown("SIGTERM");
  ASSERT_TRUE(run_until([&] { return api.open_streams("/log") == 0; }));
  const std::size_t told = session->updates().size();
  cluster.log("team-a", "p", "app", "after the end");
  stop_app();
  for (std::size_t i = told; i < session->updates().size(); ++i)
    EXPECT_EQ(session->updates()[i].delta.find("after the end"), std::string::npos);
}

TEST_F(PodLogLifecycle, WaitGroupTracksStreamGoroutines) {
  start_app();
  follow();
  EXPECT_EQ(app->watches(), 1u);
  cluster.finish_pod({.ns = "team-a", .name = "p"});
  ASSERT_TRUE(run_until([&] { return app->watches() == 0; }));
}

TEST_F(PodLogLifecycle, StopMethodDrainsStreams) {
  start_app();
  follow();
  stop_app();
  EXPECT_EQ(api.open_streams("/log"), 0);
  EXPECT_EQ(lines("manager stopped", "\"manager\":\"podlogs\"").size(), 1u) << log;
}

TEST_F(PodLogLifecycle, BackoffOnStreamFailure) {
  start_app();
  follow();
  fail_next(3);
  api.end_streams("/log", sim::ApiServer::End::cut);
  pass(seconds(12));
  const auto waits = delays(kLogKey);
  ASSERT_EQ(waits.size(), 4u) << "the cut and three refusals\n" << log;
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_GE(waits[i], 1000 << i);
    EXPECT_LE(waits[i], (1000 << i) * 12 / 10);
  }
  for (const std::string& line : lines("watch attempt failed"))
    EXPECT_NE(line.find("\"level\":\"DEBUG\""), std::string::npos) << line;
}

TEST_F(PodLogLifecycle, BackoffResetOnSuccess) {
  start_app();
  follow();
  for (int round = 0; round < 2; ++round) {
    fail_next(3);
    api.end_streams("/log", sim::ApiServer::End::cut);
    pass(seconds(20));
    ASSERT_EQ(api.open_streams("/log"), 1);
  }
  const auto waits = delays(kLogKey);
  ASSERT_EQ(waits.size(), 8u) << log;
  EXPECT_LE(waits[4], 1200) << "from the beginning again";
}

TEST_F(PodLogLifecycle, CircuitBreakerPreventsStreamCreation) {
  start_app();
  session = connect();
  fail_next(-1);
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(session->subscribe(kLog));
    pass(seconds(10));
  }
  const int asked = api.count("log");
  EXPECT_EQ(asked, 5);
  EXPECT_FALSE(session->subscribe(kLog));
  EXPECT_EQ(api.count("log"), asked) << "not tried while it is open";
  EXPECT_NE(session->error()["message"].str().find("try again in"), std::string_view::npos)
      << session->error().to_json();
  EXPECT_FALSE(lines("subscription refused", "\"breaker\":\"open\"").empty()) << log;
}

TEST_F(PodLogLifecycle, CircuitBreakerRecordsResults) {
  start_app();
  session = connect();
  fail_next(5);
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(session->subscribe(kLog));
    pass(seconds(10));
  }
  EXPECT_EQ(lines("circuit breaker", "\"breaker\":\"open\"").size(), 1u) << log;
  pass(seconds(31));
  EXPECT_TRUE(session->subscribe(kLog)) << session->error().to_json();
  ASSERT_TRUE(run_until([&] { return api.open_streams("/log") == 1; }));
  pass(seconds(2));
  EXPECT_EQ(lines("circuit breaker", "\"breaker\":\"half-open\"").size(), 1u) << log;
  EXPECT_EQ(lines("circuit breaker", "\"breaker\":\"closed\"").size(), 1u) << log;
}

}  // namespace
