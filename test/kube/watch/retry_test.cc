// Backoff and breaker together, as kube::Retry, and the table of all keys.
#include "kube/watch/retry.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/log.h"
#include "loop/clock.h"
#include "loop/loop.h"

namespace {

using base::Duration;
using base::seconds;
using State = watchutil::CircuitBreaker::State;

class RetryWorld : public ::testing::Test {
 protected:
  static kube::Failure why(std::optional<Duration> retry_after = {}) {
    kube::Failure failure;
    failure.message = "refused";
    failure.retry_after = retry_after;
    return failure;
  }
  static kube::watch::RetryParameters no_jitter() {
    kube::watch::RetryParameters parameters;
    parameters.backoff.jitter = 0;
    return parameters;
  }
  void pass(Duration time) {
    clock.advance(time);
    loop.run_once();
  }
  std::int64_t now_s() { return base::to_ms(loop.now().since) / 1000; }

  loop::VirtualClock clock;
  loop::Loop loop{clock};
};

class Retry : public RetryWorld {
 protected:
  kube::watch::Retry retry{"events default", no_jitter(), loop};
};
class RetryTable : public RetryWorld {
 protected:
  kube::watch::RetryTable table{no_jitter(), loop, 1};
};

TEST_F(Retry, B01B02TheScheduleFromCold) {
  std::vector<std::int64_t> starts;
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(retry.allow());
    starts.push_back(now_s());
    pass(retry.failed(why()));
  }
  EXPECT_EQ(starts, (std::vector<std::int64_t>{0, 1, 3, 7, 15, 45, 77, 137, 197, 257}));
  ASSERT_TRUE(retry.allow());
  retry.succeeded();
  EXPECT_EQ(retry.state(), State::closed);
  ASSERT_TRUE(retry.allow(kube::watch::Retry::Floor::none));
  EXPECT_EQ(retry.failed(why()), seconds(1)) << "the backoff is back at its beginning, too";
}

TEST_F(Retry, TheLongestOfBackoffCooldownRetryAfterAndTheStreamsOwnCounts) {
  EXPECT_EQ(retry.failed(why(seconds(7))), seconds(7));
  pass(seconds(7));
  EXPECT_EQ(retry.failed(why(seconds(1))), seconds(2));
  pass(seconds(2));
  EXPECT_EQ(retry.failed(why(), seconds(5)), seconds(5));
  pass(seconds(4));
  EXPECT_EQ(retry.failed(why()), seconds(8));
  pass(seconds(8));
  EXPECT_EQ(retry.failed(why()), seconds(30));
  pass(seconds(30));
  ASSERT_TRUE(retry.allow());
  EXPECT_EQ(retry.failed(why(seconds(120))), seconds(120));
}

TEST_F(Retry, AFailureFromBeforeTheOpeningDrawsNoDelayOfTheBackoff) {
  ASSERT_TRUE(retry.allow(kube::watch::Retry::Floor::none));
  const std::uint64_t old = retry.attempt();
  for (const int delay : {0, 1, 2, 4, 8}) {
    pass(seconds(delay));
    ASSERT_TRUE(retry.allow(kube::watch::Retry::Floor::none));
    retry.failed(why(), {}, retry.attempt());
  }
  pass(seconds(20));
  EXPECT_EQ(retry.failed(why(), {}, old), seconds(10)) << "what is left of the cooldown";
  EXPECT_EQ(retry.backoff().failures(), 5U);
  EXPECT_EQ(retry.breaker().failures(), 5);
}

TEST_F(Retry, ChangesOfTheBreakerAreInfoAndDelaysAreDebug) {
  std::string log;
  base::log::configure({.level = base::log::Level::debug});
  base::log::capture(&log);
  for (int i = 0; i < 5; ++i)
    pass(retry.failed(why()));
  retry.allow();
  retry.succeeded();
  base::log::capture(nullptr);
  base::log::configure({});
  const auto count = [&](std::string_view what) {
    int n = 0;
    for (std::size_t p = 0; (p = log.find(what, p)) != std::string::npos; ++p)
      ++n;
    return n;
  };
  EXPECT_EQ(count(R"("level":"DEBUG")"), 5);
  EXPECT_EQ(count(R"("level":"INFO")"), 3);
  EXPECT_EQ(count(R"("delay_ms":4000,"attempt":3,"watch":"events default","error":"refused"})"), 1);
  // Five failures with 1, 2, 4 and 8 s between them from midnight, and 30 s.
  const std::string watch = R"("watch":"events default",)";
  EXPECT_EQ(count(R"("breaker":"open",)" + watch +
                  R"("failures":5,"retry_at":"2026-01-01T00:00:45.000Z"})"),
            1);
  EXPECT_EQ(count(R"("breaker":"half-open",)" + watch +
                  R"("failures":5,"retry_at":"2026-01-01T00:00:45.000Z"})"),
            1);
  EXPECT_EQ(count(R"("breaker":"closed",)" + watch +
                  R"("failures":0,"retry_at":"2026-01-01T00:00:45.000Z"})"),
            1);
}

TEST_F(RetryTable, FiveFailedSubscribesInARowOpenTheBreakerOfTheirKeyAlone) {
  for (int i = 0; i < 5; ++i) {
    kube::watch::RetryTable::Use use = table.use("a");
    ASSERT_TRUE(use->allow());
    const base::Duration delay = use->failed(why());
    EXPECT_FALSE(table.use("a")->allow()) << "whoever asks next waits as long";
    EXPECT_EQ(table.use("a")->next_attempt_in(), delay);
    if (i < 4) pass(delay);
  }
  EXPECT_EQ(table.use("a")->state(), State::open);
  EXPECT_TRUE(table.use("b")->allow());
  EXPECT_EQ(table.use("a")->key(), "a");
}

TEST_F(RetryTable, CountsWhatHappenedToAllItsKeysAlsoToThoseForgotten) {
  using Breakers = std::array<std::size_t, watchutil::kBreakerStates>;
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(table.use("a")->allow());
    const base::Duration delay = table.use("a")->failed(why());
    if (i < 4) pass(delay);
  }
  table.use("b")->note_error(base::Errc::forbidden);
  table.use("b")->note_restart();
  EXPECT_EQ(table.breakers(), (Breakers{1, 1, 0}));
  pass(seconds(40));
  kube::watch::RetryTable::Use a = table.use("a");
  ASSERT_TRUE(a->allow());
  EXPECT_EQ(table.breakers(), (Breakers{1, 0, 1}));
  a->succeeded();
  EXPECT_EQ(table.breakers(), (Breakers{2, 0, 0}));
  a = {};
  pass(base::hours(3));
  table.use("c");
  pass(base::hours(3));
  table.use("d");
  EXPECT_EQ(table.size(), 1u);
  const kube::watch::WatchCounts& counts = table.counts();
  EXPECT_EQ(counts.errors[static_cast<std::size_t>(why().code)], 5u);
  EXPECT_EQ(counts.errors[static_cast<std::size_t>(base::Errc::forbidden)], 1u);
  EXPECT_EQ(counts.restarts, 1u);
  EXPECT_EQ(counts.breaker_changes, (std::array<std::uint64_t, 3>{1, 1, 1}));
  EXPECT_EQ(counts.delays.count(), 5u);
  EXPECT_EQ(counts.delays.sum(), seconds(1 + 2 + 4 + 8 + 30));
}

TEST_F(RetryTable, KeysThatFailedAndWentAreForgottenAfterAWhileAndThoseInUseNever) {
  kube::watch::RetryTable::Use kept = table.use("kept");
  kept->failed(why());
  table.use("dropped")->failed(why());
  kube::watch::RetryTable::Use moved = std::move(kept);
  EXPECT_EQ(table.size(), 2U);
  pass(kube::watch::kRetryForget - seconds(1));
  EXPECT_EQ(table.use("dropped")->breaker().failures(), 1);
  pass(kube::watch::kRetryForget);
  kube::watch::RetryTable::Use later = table.use("later");
  EXPECT_EQ(table.size(), 2U);
  EXPECT_EQ(moved->breaker().failures(), 1);
  EXPECT_EQ(table.use("kept")->breaker().failures(), 1);
  EXPECT_EQ((*later).key(), "later");
}

TEST_F(RetryTable, TheTimeBeginsWhenTheLastUseEnds) {
  {
    kube::watch::RetryTable::Use use = table.use("a");
    use->failed(why());
    pass(base::hours(3));
  }
  table.use("b");  // looks around
  EXPECT_EQ(table.use("a")->breaker().failures(), 1);
  pass(kube::watch::kRetryForget - seconds(1));
  table.use("c");
  EXPECT_EQ(table.use("a")->breaker().failures(), 1);
}

TEST_F(RetryTable, AKeyWithoutFailuresIsForgottenInAMinute) {
  table.use("fine");
  pass(kube::watch::kRetryCalm - seconds(1));
  table.use("look");
  EXPECT_EQ(table.size(), 2U);
  pass(seconds(1));
  table.use("look");
  EXPECT_EQ(table.size(), 1U);
}

TEST_F(RetryTable, ADelayThatRunsIsNotForgotten) {
  table.use("a")->failed(why(kube::watch::kRetryForget * 2));
  pass(kube::watch::kRetryForget + seconds(1));
  EXPECT_FALSE(table.use("a")->allow());
}

// A selector of 2 KiB is part of a key: 10,000 keys that went held 66 MB for an hour.
TEST_F(RetryTable, ManyKeysThatWentCostAMegabyteInAll) {
  kube::watch::RetryTable::Use first = table.use("first");
  first->failed(why());
  const std::string selector(2048, 's');
  for (int i = 0; i < 10000; ++i) {
    kube::watch::RetryTable::Use use = table.use(std::to_string(i) + selector);
    if (i % 2 == 0) use->failed(why());
    ASSERT_LE(table.unused_bytes(), kube::watch::kRetryBytes);
  }
  EXPECT_LT(table.size(), 1000u);
  EXPECT_GT(table.unused_bytes(), kube::watch::kRetryBytes / 2) << "the latest are there";
  EXPECT_EQ(table.use("9998" + selector)->breaker().failures(), 1);
  EXPECT_EQ(first->breaker().failures(), 1);
}

}  // namespace
