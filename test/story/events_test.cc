// The whole server on the simulated cluster: events reach their subscribers exactly once, whatever
// happens to the watch.
#include <algorithm>

#include "base/sanitized.h"
#include "support/story_world.h"

namespace {

using base::seconds;
using sim::AnswerFault;
using sim::ByteFault;
using test::McpSession;
using test::StoryWorld;
using Kind = sim::ByteFault::Kind;
using Told = std::vector<std::string>;

struct StoryEvents : StoryWorld {
  static constexpr const char* kUri = "k0rdent://events/team-a";
  static constexpr const char* kPath = "/apis/events.k8s.io/v1/namespaces/team-a/events";

  void emit(const std::string& name, const std::string& message = "m", int count = 1) {
    cluster.emit({.ns = "team-a", .name = name, .message = message, .count = count});
  }
  // A subscriber whose watch is open and who has been told nothing yet.
  std::unique_ptr<McpSession> subscriber() {
    auto session = connect();
    EXPECT_TRUE(session->subscribe(kUri));
    EXPECT_TRUE(run_until([&] { return api.open_streams("/events") == 1; }));
    return session;
  }
  bool watching() {
    return run_until([&] { return api.open_streams("/events") == 1; });
  }
};

TEST_F(StoryEvents, WhatIsThereThenEachChangeOnce) {
  start_app();
  emit("old");
  auto session = subscriber();
  ASSERT_TRUE(told(*session, 1));
  emit("new");
  emit("old", "again", 2);
  cluster.delete_event("team-a", "new");
  cluster.emit({.ns = "kcm-system", .name = "elsewhere"});
  ASSERT_TRUE(told(*session, 4));
  EXPECT_EQ(session->told(),
            (Told{"ADDED old m", "ADDED new m", "MODIFIED old again", "DELETED new m"}));
  for (const auto& update : session->updates())
    EXPECT_EQ(update.uri, kUri);
}

TEST_F(StoryEvents, TwoSubscribersShareOneWatchThatEndsWithTheLast) {
  start_app();
  auto one = subscriber();
  auto two = connect();
  ASSERT_TRUE(two->subscribe(kUri));
  emit("e");
  ASSERT_TRUE(told(*one, 1));
  ASSERT_TRUE(told(*two, 1));
  EXPECT_EQ(api.count("watch", "/events"), 1);
  EXPECT_EQ(api.open_streams("/events"), 1);
  ASSERT_TRUE(one->unsubscribe(kUri));
  settle();
  EXPECT_EQ(api.open_streams("/events"), 1);
  emit("f");
  ASSERT_TRUE(told(*two, 2));
  EXPECT_EQ(one->updates().size(), 1u);
  two->end();
  EXPECT_TRUE(run_until([&] { return api.open_streams() == 0; }));
  EXPECT_EQ(app->watches(), 0u);
}

TEST_F(StoryEvents, ALateSubscriberOfASharedWatchIsToldThePresentState) {
  start_app();
  auto one = subscriber();
  emit("a");
  emit("b");
  cluster.delete_event("team-a", "a");
  ASSERT_TRUE(told(*one, 3));
  auto two = connect();
  ASSERT_TRUE(two->subscribe(kUri));
  ASSERT_TRUE(told(*two, 1));
  EXPECT_EQ(two->told(), (Told{"ADDED b m"}));
  EXPECT_EQ(api.count("list", "/events"), 1);
}

// One watch answer after the other breaks, each a byte later than the one before, until one is
// whole.
struct StoryCut : StoryEvents, ::testing::WithParamInterface<Kind> {
  inline static const Told kWhole{"ADDED one m", "ADDED two m", "MODIFIED one again",
                                  "DELETED two m", "ADDED three m"};

  // A subscription sees five changes.
  void play() {
    session->forget();
    ASSERT_TRUE(session->subscribe(kUri)) << session->error().to_json();
    run_until([&] { return api.open_streams("/events") == 1; });
    emit("one");
    emit("two");
    settle();
    emit("one", "again", 2);
    cluster.delete_event("team-a", "two");
    emit("three");
    run_until(
        [&] { return !session->updates().empty() && session->told().back() == kWhole.back(); });
    settle();
  }
  void clean_up() {
    ASSERT_TRUE(session->unsubscribe(kUri));
    cluster.delete_event("team-a", "one");
    cluster.delete_event("team-a", "three");
    ASSERT_TRUE(run_until([&] { return api.open_streams() == 0; }));
  }
  // A relist in between may fold changes, but never loses the last state or says one twice.
  void check(std::uint64_t at) {
    const Told is = session->told();
    if (is == kWhole) return;
    const auto times = [&is](const std::string& one) {
      return std::count(is.begin(), is.end(), one);
    };
    for (const std::string& one : is)
      EXPECT_EQ(times(one), 1) << at << ": " << one;
    EXPECT_EQ(times("MODIFIED one again") + times("ADDED one again"), 1) << at;
    EXPECT_EQ(times("ADDED two m"), times("DELETED two m")) << at;
    EXPECT_EQ(times("ADDED three m"), 1) << at;
  }
  std::unique_ptr<McpSession> session;

  // Truncation, the most delicate end, happens at every byte; the others at every eleventh.
  static std::uint64_t step() {
#if K0RDENT_MCP_SANITIZED
    return GetParam() == Kind::fin ? 5 : 31;  // five times slower there
#else
    return GetParam() == Kind::fin ? 1 : 11;
#endif
  }
};

TEST_P(StoryCut, AtEveryByteOfTheWatchNothingIsLostOrDoubled) {
  start_app();
  session = connect();
  play();
  EXPECT_EQ(session->told(), kWhole);
  const std::uint64_t whole = api.bytes_of_last("watch", kPath);
  ASSERT_GT(whole, 1000u);
  for (std::uint64_t at = 0; at <= whole; at += step()) {
    AnswerFault fault;
    fault.match = {.verb = "watch", .path = kPath};
    fault.bytes = {{.kind = GetParam(), .at = at, .time = seconds(45), .mask = 0x80}};
    api.faults().add(fault);
    clean_up();
    api.forget_seen();
    play();
    check(at);
    const bool ends = GetParam() != Kind::stall && GetParam() != Kind::corrupt;
    if (ends && at < whole) {
      EXPECT_GE(api.count("watch", kPath), 2) << at;
    }
    if (HasFailure()) return;
  }
}

std::string way(const ::testing::TestParamInfo<Kind>& one) {
  const char* names[] = {"close", "fin", "reset", "garbage", "stall", "corrupt"};
  return names[static_cast<int>(one.param)];
}

INSTANTIATE_TEST_SUITE_P(Ways, StoryCut,
                         ::testing::Values(Kind::close, Kind::fin, Kind::reset, Kind::garbage,
                                           Kind::stall, Kind::corrupt),
                         way);

}  // namespace
