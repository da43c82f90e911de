// stop() of each of the three managers, with watches that do not end when they are told to.
#include <gtest/gtest.h>

#include "events/manager.h"
#include "graph/manager.h"
#include "logs/manager.h"
#include "support/tools_world.h"

namespace {

using base::milliseconds;
using base::seconds;
using test::TestSubscriber;
using test::ToolsWorld;
using Names = std::vector<std::string>;

struct ManagerStop : ToolsWorld, ::testing::WithParamInterface<int> {
  ManagerStop() {
    EXPECT_TRUE(api.store().load_folder("test/fixtures/k0rdent").has_value());
    cluster.set_pod({.ns = "team-a", .name = "p"});
    cluster.emit({.ns = "team-a", .name = "e"});
    for (fanout::Manager* each : all)
      each->start();
  }
  ~ManagerStop() override {
    one.feed.reset();
    for (fanout::Manager* each : all)
      each->stop();
    loop.run_once();
  }
  fanout::Manager& manager() { return *all[GetParam()]; }
  std::string name() { return std::string(manager().name()); }
  // A real watch that flows.
  void follow() {
    const char* const uri = one.uri().c_str();
    if (GetParam() == 0) one.feed = events.subscribe(one, *events::Selector::from_uri(uri));
    if (GetParam() == 1) one.feed = pod_logs.subscribe(one, *logs::Request::from_uri(uri));
    if (GetParam() == 2) one.feed = graph.subscribe(one, {});
    ASSERT_TRUE(run_until([&] { return one.accepts == 1; })) << one.refusal.message;
    pass(seconds(2));
    ASSERT_GT(api.open_streams(), 0);
  }
  // One that is told to end, and does not.
  std::unique_ptr<loop::Scope> stubborn(std::string scope_name) {
    return std::make_unique<loop::Scope>(manager().scope(), std::move(scope_name),
                                         loop::Scope::Fn::bind<&ManagerStop::on_told>(this));
  }
  void on_told() { ++told; }
  void on_stopped(const fanout::StopReport& report) {
    ++stops;
    left = report.left;
    took = report.took;
  }
  void stop() {
    manager().stop(fanout::kStopTime,
                   fanout::Manager::StopFn::bind<&ManagerStop::on_stopped>(this));
  }
  int errors(std::string_view text) const {
    int n = 0;
    for (std::size_t at = 0; (at = log.find(text, at)) != std::string::npos; ++at)
      ++n;
    return n;
  }

  static constexpr const char* kUris[] = {"k0rdent://events/team-a",
                                          "k0rdent://podlogs/team-a/p/app", "k0rdent://graph"};
  events::Manager events{managed()};
  logs::Manager pod_logs{managed()};
  graph::Manager graph{managed()};
  fanout::Manager* const all[3] = {&events, &pod_logs, &graph};
  TestSubscriber one{kUris[GetParam()]};
  int stops = 0, told = 0;
  Names left;
  base::Duration took{};
};

TEST_P(ManagerStop, WaitsTenSecondsAndNamesWhatDidNotEnd) {
  EXPECT_EQ(fanout::kStopTime, seconds(10)) << "the requirements' default";
  follow();
  const auto first = stubborn(name() + " one"), second = stubborn(name() + " two");
  stop();
  settle();
  EXPECT_EQ(api.open_streams(), 0) << "what can end does at once";
  pass(milliseconds(9990));
  EXPECT_EQ(stops, 0);
  pass(milliseconds(20));
  EXPECT_EQ(stops, 1);
  EXPECT_EQ(left, (Names{name() + " one", name() + " two"}));
  EXPECT_EQ(took, seconds(10));
  for (const char* which : {" one", " two"})
    EXPECT_EQ(errors(R"("level":"ERROR","msg":"watch did not end in time","watch":")" + name() +
                     which + R"(","manager":")" + name() + R"(","ms":10000)"),
              1)
        << log;
  pass(seconds(30));
  EXPECT_EQ(stops, 1) << "told once";
}

TEST_P(ManagerStop, EndsWithTheLastWatchThatEnds) {
  follow();
  auto first = stubborn("slow one"), second = stubborn("slow two");
  stop();
  pass(seconds(2));
  EXPECT_EQ(manager().scope().names(), (Names{"slow one", "slow two"}));
  first.reset();
  pass(seconds(2));
  EXPECT_EQ(stops, 0) << "one is left";
  second.reset();
  settle();
  EXPECT_EQ(stops, 1);
  EXPECT_EQ(left, Names{});
  EXPECT_GE(took, seconds(4));
  EXPECT_LE(took, milliseconds(4010));
  EXPECT_EQ(errors("\"level\":\"ERROR\""), 0) << log;
}

TEST_P(ManagerStop, CancelsAllBeforeItWaits) {
  follow();
  const auto first = stubborn("one"), second = stubborn("two");
  EXPECT_EQ(told, 0);
  stop();
  EXPECT_EQ(told, 2) << "in the call itself";
  EXPECT_EQ(manager().active(), 0u) << "the real one has closed";
  EXPECT_EQ(stops, 0);
}

TEST_P(ManagerStop, TheServersScopeReachesItsWatchesAsWell) {
  follow();
  const auto first = stubborn("one");
  context->scope.cancel();
  EXPECT_EQ(told, 1);
  EXPECT_EQ(manager().active(), 0u);
  stop();
  EXPECT_EQ(told, 1) << "once";
  pass(seconds(11));
  EXPECT_EQ(left, Names{"one"}) << "and it is waited for all the same";
}

std::string manager_name(const ::testing::TestParamInfo<int>& manager) {
  static constexpr const char* kNames[] = {"Events", "PodLogs", "Graph"};
  return kNames[manager.param];
}
INSTANTIATE_TEST_SUITE_P(Managers, ManagerStop, ::testing::Values(0, 1, 2), manager_name);

}  // namespace
