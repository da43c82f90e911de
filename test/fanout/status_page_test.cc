// How watches look on the status pages, to their owner and to strangers.
#include "fanout/status_page.h"

#include <gtest/gtest.h>

namespace {

using base::seconds;
using base::TimePoint;
using fanout::Audience;
using fanout::StatusPage;
using fanout::WatchInfo;

constexpr base::WallTime kWall{1767225600'000'000'000};  // 2026-01-01
constexpr TimePoint kNow{seconds(1000)};

WatchInfo fine(std::string ns) {
  WatchInfo info;
  info.manager = "events";
  info.identity = "ann (a, b)";
  info.key = "events ann (a, b) " + std::move(ns);
  info.status.state = "confirmed";
  info.status.since = {seconds(940)};
  info.status.last_event = TimePoint{seconds(999)};
  info.status.resource_version = "42";
  info.status.restarts = 3;
  info.status.lists = 1;
  info.subscribers = 2;
  return info;
}

WatchInfo stale(std::string ns) {
  WatchInfo info = fine(std::move(ns));
  info.status.state = "waiting";
  info.status.down_since = TimePoint{seconds(970)};
  info.status.next_attempt = TimePoint{seconds(1030)};
  info.status.last_error = base::Error(base::Errc::forbidden, "User \"ann\" cannot watch events");
  info.breaker = watchutil::CircuitBreaker::State::open;
  info.breaker_retry = seconds(30);
  info.failures = 5;
  return info;
}

std::string all(Audience audience, std::vector<WatchInfo> watches) {
  std::string out;
  base::json::Writer w(out);
  w.begin_object();
  StatusPage{kNow, kWall, {audience}}.write_all(w, std::move(watches));
  w.end_object();
  return out;
}

std::string only_stale(Audience audience, std::vector<WatchInfo> watches) {
  std::string out;
  base::json::Writer w(out);
  w.begin_object();
  StatusPage{kNow, kWall, {audience}}.write_stale(w, std::move(watches));
  w.end_object();
  return out;
}

TEST(StatusPage, ShowsEveryThingThatIsKnownOfAWatch) {
  EXPECT_EQ(all(Audience::owner, {stale("b"), fine("a")}),
            R"({"watches":[{"key":"events ann (a, b) a","manager":"events","state":"confirmed",)"
            R"("since":"2025-12-31T23:59:00.000Z","lastEvent":"2025-12-31T23:59:59.000Z",)"
            R"("resourceVersion":"42","restarts":3,"lists":1,"backoff":{"failures":0},)"
            R"("breaker":"closed","subscribers":2},)"
            R"({"key":"events ann (a, b) b","manager":"events","state":"waiting",)"
            R"("since":"2025-12-31T23:59:00.000Z","lastEvent":"2025-12-31T23:59:59.000Z",)"
            R"("resourceVersion":"42","restarts":3,"lists":1,"backoff":{"failures":5,)"
            R"("nextAttempt":"2026-01-01T00:00:30.000Z"},"breaker":"open",)"
            R"("breakerRetryAt":"2026-01-01T00:00:30.000Z","subscribers":2,)"
            R"("staleSince":"2025-12-31T23:59:30.000Z","error":{"class":"forbidden",)"
            R"("message":"User \"ann\" cannot watch events"}}]})");
  EXPECT_EQ(all(Audience::owner, {}), R"({"watches":[]})");
}

TEST(StatusPage, AStrangerSeesClassesAlone) {
  WatchInfo odd = stale("c-ns");
  odd.key = "odd ann (a, b)";
  for (const std::string& page :
       {all(Audience::stranger, {stale("b-ns"), fine("a-ns"), odd}),
        only_stale(Audience::stranger, {stale("b-ns"), fine("a-ns"), odd})}) {
    EXPECT_EQ(page.find("ann"), std::string::npos) << page;
    EXPECT_EQ(page.find("-ns"), std::string::npos) << page;
    EXPECT_EQ(page.find("42"), std::string::npos) << page;
    EXPECT_NE(page.find("\"events\""), std::string::npos) << page;
    EXPECT_NE(page.find("\"forbidden\""), std::string::npos) << page;
  }
}

TEST(StatusPage, OnThisMachineAllIsSeenButWhoseItIs) {
  const std::string page = all(Audience::local, {fine("a-ns")});
  EXPECT_EQ(page.find("ann"), std::string::npos) << page;
  EXPECT_NE(page.find("\"events a-ns\""), std::string::npos) << page;
}

TEST(StatusPage, ACallerSeesItsOwnWholeAndOfOthersWhatAStrangerSees) {
  WatchInfo other = stale("b-ns");
  other.identity = "bob (c)";
  other.key = "events bob (c) b-ns";
  std::string page;
  base::json::Writer w(page);
  w.begin_object();
  StatusPage{kNow, kWall, {Audience::caller, "ann (a, b)"}}.write_all(w, {fine("a-ns"), other});
  w.end_object();
  EXPECT_NE(page.find("\"events ann (a, b) a-ns\""), std::string::npos) << page;
  EXPECT_EQ(page.find("bob"), std::string::npos) << page;
  EXPECT_EQ(page.find("b-ns"), std::string::npos) << page;
}

TEST(StatusPage, SaysWhichAreStaleAndWhy) {
  EXPECT_EQ(
      only_stale(Audience::owner, {fine("a"), stale("b")}),
      R"({"stale":[{"watch":"events ann (a, b) b","since":"2025-12-31T23:59:30.000Z",)"
      R"("why":"User \"ann\" cannot watch events","nextAttempt":"2026-01-01T00:00:30.000Z"}]})");
  EXPECT_EQ(only_stale(Audience::owner, {fine("a")}), "{}");
}

TEST(StatusPage, ManyAreCountedAndThoseInTroubleAreShownFirst) {
  std::vector<WatchInfo> many;
  for (std::size_t i = 0; i < fanout::kShownWatches + 5; ++i)
    many.push_back(fine("n" + std::to_string(i)));
  many.push_back(stale("z"));
  const std::string page = all(Audience::owner, many);
  EXPECT_NE(page.find(R"("omitted":6})"), std::string::npos);
  EXPECT_NE(page.find(R"("key":"events ann (a, b) z")"), std::string::npos);
  const std::vector<WatchInfo> down(fanout::kShownStale + 3, stale("b"));
  EXPECT_NE(only_stale(Audience::owner, down).find(R"("staleOmitted":3})"), std::string::npos);
}

}  // namespace
