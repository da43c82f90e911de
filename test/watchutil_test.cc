// Backoff and circuit breaker against the watcher lifecycle's requirements, scenario by scenario;
// and the two together, as kube::Retry.
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/log.h"
#include "kube/retry.h"
#include "watchutil/backoff.h"
#include "watchutil/churn_guard.h"
#include "watchutil/circuit_breaker.h"

namespace {

using base::Duration;
using base::milliseconds;
using base::seconds;
using base::TimePoint;
using watchutil::Backoff;
using watchutil::CircuitBreaker;
using State = CircuitBreaker::State;

TimePoint at(Duration since) {
  return {since};
}

// ---- Exponential Backoff for Watch Reconnection

TEST(Backoff, InitialReconnectionDelay) {
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    base::Random random(seed);
    Backoff backoff;
    const Duration delay = backoff.next(random);
    EXPECT_GE(delay, seconds(1));
    EXPECT_LT(delay, milliseconds(1200));
  }
}

TEST(Backoff, ExponentialIncreaseOnRepeatedFailures) {
  base::Random random(1);
  Backoff backoff;
  for (int base : {1, 2, 4, 8, 16, 32, 60}) {
    const Duration delay = backoff.next(random);
    EXPECT_GE(delay, seconds(base));
    EXPECT_LT(delay, base * milliseconds(1200));
  }
  EXPECT_EQ(backoff.failures(), 7U);
}

TEST(Backoff, BackoffCapAt60Seconds) {
  base::Random random(2);
  Backoff backoff;
  for (int i = 0; i < 6; ++i)
    backoff.next(random);
  for (int i = 0; i < 100000; ++i) {
    const Duration delay = backoff.next(random);
    ASSERT_GE(delay, seconds(60));
    ASSERT_LT(delay, seconds(72));
  }
}

TEST(Backoff, BackoffResetOnSuccess) {
  base::Random random(3);
  Backoff backoff;
  for (int i = 0; i < 10; ++i)
    backoff.next(random);
  backoff.reset();
  EXPECT_EQ(backoff.failures(), 0U);
  EXPECT_LT(backoff.next(random), milliseconds(1200));
}

TEST(Backoff, B14JitterIsSpreadOverItsWholeRangeAndNeverSubtracts) {
  base::Random random(4);
  int low = 0, high = 0;
  for (int i = 0; i < 1000; ++i) {
    Backoff backoff;
    const double s = std::chrono::duration<double>(backoff.next(random)).count();
    low += s < 1.02 ? 1 : 0;
    high += s > 1.18 ? 1 : 0;
  }
  EXPECT_GT(low, 50);
  EXPECT_GT(high, 50);
  Backoff none({.jitter = 0});
  EXPECT_EQ(none.next(random), seconds(1));
  EXPECT_EQ(none.next(random), seconds(2));
}

// ---- Circuit Breaker for Persistent Failures

void fail(CircuitBreaker& breaker, TimePoint now, int times) {
  for (int i = 0; i < times; ++i) {
    EXPECT_TRUE(breaker.allow(now));
    breaker.record_failure(now);
  }
}

TEST(CircuitBreaker, CircuitBreakerTripsAfterThreshold) {
  CircuitBreaker breaker;
  fail(breaker, at(seconds(1)), 4);
  EXPECT_EQ(breaker.state(at(seconds(1))), State::closed);
  fail(breaker, at(seconds(2)), 1);
  EXPECT_EQ(breaker.state(at(seconds(2))), State::open);
  EXPECT_EQ(breaker.failures(), 5);
  EXPECT_FALSE(breaker.allow(at(seconds(2))));
  EXPECT_EQ(breaker.retry_after(at(seconds(2))), seconds(30));
}

TEST(CircuitBreaker, CircuitBreakerCooldownPeriod) {
  CircuitBreaker breaker;
  fail(breaker, at(seconds(10)), 5);
  EXPECT_FALSE(breaker.allow(at(seconds(40) - Duration(1))));
  EXPECT_EQ(breaker.retry_after(at(seconds(40) - Duration(1))), Duration(1));
  EXPECT_EQ(breaker.state(at(seconds(40))), State::half_open);
  EXPECT_EQ(breaker.retry_after(at(seconds(40))), Duration::zero());
  EXPECT_TRUE(breaker.allow(at(seconds(40)))) << "one connection";
  EXPECT_FALSE(breaker.allow(at(seconds(40)))) << "and not two";
  EXPECT_FALSE(breaker.allow(at(seconds(4000))));
}

TEST(CircuitBreaker, CircuitBreakerResetOnSuccess) {
  CircuitBreaker breaker;
  fail(breaker, at(seconds(0)), 5);
  ASSERT_TRUE(breaker.allow(at(seconds(30))));
  breaker.record_success(at(seconds(31)));
  EXPECT_EQ(breaker.state(at(seconds(31))), State::closed);
  EXPECT_EQ(breaker.failures(), 0);
  fail(breaker, at(seconds(32)), 4);
  EXPECT_EQ(breaker.state(at(seconds(32))), State::closed) << "the count began anew";
}

TEST(CircuitBreaker, CircuitBreakerReopensOnHalfOpenFailure) {
  CircuitBreaker breaker;
  fail(breaker, at(seconds(0)), 5);
  ASSERT_TRUE(breaker.allow(at(seconds(30))));
  breaker.record_failure(at(seconds(33)));
  EXPECT_EQ(breaker.state(at(seconds(33))), State::open);
  EXPECT_EQ(breaker.retry_after(at(seconds(33))), seconds(30)) << "from the failure's end";
  EXPECT_FALSE(breaker.allow(at(seconds(62))));
  EXPECT_TRUE(breaker.allow(at(seconds(63))));
}

TEST(CircuitBreaker, OnlySuccessBreaksARowOfFailures) {
  CircuitBreaker breaker;
  fail(breaker, at(seconds(0)), 4);
  ASSERT_TRUE(breaker.allow(at(base::hours(5))));
  breaker.cancel();
  fail(breaker, at(base::hours(10)), 1);
  EXPECT_EQ(breaker.state(at(base::hours(10))), State::open);
  CircuitBreaker other;
  fail(other, at(seconds(0)), 4);
  other.record_success(at(seconds(1)));
  fail(other, at(seconds(2)), 4);
  EXPECT_EQ(other.state(at(seconds(2))), State::closed);
}

TEST(CircuitBreaker, B4ACancelledTrialFreesItsPlace) {
  CircuitBreaker breaker;
  fail(breaker, at(seconds(0)), 5);
  ASSERT_TRUE(breaker.allow(at(seconds(30))));
  breaker.cancel();
  EXPECT_EQ(breaker.state(at(seconds(30))), State::half_open);
  EXPECT_TRUE(breaker.allow(at(seconds(30))));
}

TEST(CircuitBreaker, WhatIsReportedWhileOpenChangesNothing) {
  CircuitBreaker breaker;
  fail(breaker, at(seconds(0)), 5);
  breaker.record_failure(at(seconds(20)));
  EXPECT_EQ(breaker.failures(), 5);
  EXPECT_EQ(breaker.retry_after(at(seconds(20))), seconds(10));
  breaker.record_success(at(seconds(20)));
  EXPECT_EQ(breaker.state(at(seconds(20))), State::open);
}

TEST(CircuitBreaker, StatesHaveNames) {
  EXPECT_STREQ(to_string(State::closed), "closed");
  EXPECT_STREQ(to_string(State::open), "open");
  EXPECT_STREQ(to_string(State::half_open), "half-open");
}

// ---- streams that keep ending

TEST(ChurnGuard, MoreThanTenEndsInAMinuteStretchTheFloorUntilItIsCalmer) {
  watchutil::ChurnGuard churn;
  for (int i = 0; i < 10; ++i)
    churn.ended(at(seconds(100 + i)));
  EXPECT_EQ(churn.floor(at(seconds(109))), seconds(1));
  churn.ended(at(seconds(110)));
  EXPECT_EQ(churn.floor(at(seconds(110))), seconds(5));
  TimePoint now = at(seconds(110));
  for (int i = 0; i < 100; ++i) {  // at the pace of the floor it does not get calmer
    now = now + seconds(5);
    churn.ended(now);
    EXPECT_EQ(churn.floor(now), seconds(5)) << i;
  }
  for (int i = 0; i < 100; ++i) {
    now = now + seconds(7);
    churn.ended(now);
  }
  EXPECT_EQ(churn.floor(now), seconds(1));
}

// ---- the two together

struct Log {
  Log() {
    base::log::configure({.level = base::log::Level::debug});
    base::log::capture(&text);
  }
  ~Log() {
    base::log::capture(nullptr);
    base::log::configure({});
  }
  std::string text;
};

kube::Failure why(std::optional<Duration> retry_after = {}) {
  kube::Failure failure;
  failure.message = "refused";
  failure.retry_after = retry_after;
  return failure;
}

kube::RetryParameters no_jitter() {
  kube::RetryParameters parameters;
  parameters.backoff.jitter = 0;
  return parameters;
}

TEST(Retry, B1B2TheScheduleFromCold) {
  base::Random random(1);
  kube::Retry retry("events", no_jitter());
  TimePoint now{};
  std::vector<std::int64_t> starts;
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(retry.allow(now));
    starts.push_back(base::to_ms(now.since) / 1000);
    now = now + retry.failed(now, why(), random);
  }
  EXPECT_EQ(starts, (std::vector<std::int64_t>{0, 1, 3, 7, 15, 45, 77, 137, 197, 257}));
  ASSERT_TRUE(retry.allow(now));
  retry.succeeded(now);
  EXPECT_EQ(retry.breaker().state(now), State::closed);
  ASSERT_TRUE(retry.allow(now));
  EXPECT_EQ(retry.failed(now, why(), random), seconds(1))
      << "the backoff is back at its beginning, too";
}

TEST(Retry, TheLongestOfBackoffCooldownAndRetryAfterCounts) {
  base::Random random(1);
  kube::Retry retry("events", no_jitter());
  EXPECT_EQ(retry.failed(at(seconds(0)), why(seconds(7)), random), seconds(7));
  EXPECT_EQ(retry.failed(at(seconds(7)), why(seconds(1)), random), seconds(2));
  EXPECT_EQ(retry.failed(at(seconds(9)), why(), random), seconds(4));
  EXPECT_EQ(retry.failed(at(seconds(13)), why(), random), seconds(8));
  EXPECT_EQ(retry.failed(at(seconds(21)), why(), random), seconds(30));
  ASSERT_TRUE(retry.allow(at(seconds(51))));
  EXPECT_EQ(retry.failed(at(seconds(51)), why(seconds(120)), random), seconds(120));
}

TEST(Retry, ChangesOfTheBreakerAreInfoAndDelaysAreDebug) {
  Log log;
  base::Random random(1);
  kube::Retry retry("events default", no_jitter());
  TimePoint now{};
  for (int i = 0; i < 5; ++i)
    now = now + retry.failed(now, why(), random);
  retry.allow(now);
  retry.succeeded(now);
  const auto count = [&](std::string_view what) {
    int n = 0;
    for (std::size_t p = 0; (p = log.text.find(what, p)) != std::string::npos; ++p)
      ++n;
    return n;
  };
  EXPECT_EQ(count(R"("level":"DEBUG")"), 5);
  EXPECT_EQ(count(R"("level":"INFO")"), 3);
  EXPECT_EQ(count(R"("delay_ms":4000,"attempt":3,"watch":"events default","error":"refused")"), 1);
  EXPECT_EQ(count(R"("breaker":"open","watch":"events default","failures":5,"retry_in_ms":30000)"),
            1);
  EXPECT_EQ(count(R"("breaker":"half-open")"), 1);
  EXPECT_EQ(count(R"("breaker":"closed","watch":"events default","failures":0)"), 1);
}

TEST(RetryTable, FiveFailedSubscribesInARowOpenTheBreakerOfTheirKeyAlone) {
  base::Random random(1);
  kube::RetryTable table(no_jitter());
  for (int i = 0; i < 5; ++i) {
    kube::RetryTable::Use use = table.use("a", at(seconds(i)));
    ASSERT_TRUE(use->allow(at(seconds(i))));
    use->failed(at(seconds(i)), why(), random);
  }
  EXPECT_FALSE(table.use("a", at(seconds(5)))->allow(at(seconds(5))));
  EXPECT_TRUE(table.use("b", at(seconds(5)))->allow(at(seconds(5))));
  EXPECT_EQ(table.use("a", at(seconds(5)))->key(), "a");
}

TEST(RetryTable, KeysNotUsedForAnHourAreForgottenAndThoseInUseNever) {
  base::Random random(1);
  kube::RetryTable table(no_jitter());
  kube::RetryTable::Use kept = table.use("kept", at(seconds(0)));
  kept->failed(at(seconds(0)), why(), random);
  { kube::RetryTable::Use dropped = table.use("dropped", at(seconds(0))); }
  kube::RetryTable::Use moved = std::move(kept);
  EXPECT_EQ(table.size(), 2U);
  kube::RetryTable::Use later = table.use("later", at(base::hours(2)));
  EXPECT_EQ(table.size(), 2U);
  EXPECT_EQ(moved->breaker().failures(), 1);
  EXPECT_EQ(table.use("kept", at(base::hours(2)))->breaker().failures(), 1);
  EXPECT_EQ((*later).key(), "later");
}

TEST(RetryTable, StaysWithinItsSize) {
  kube::RetryTable table(no_jitter());
  kube::RetryTable::Use first = table.use("first", at(seconds(0)));
  for (std::size_t i = 0; i < kube::kRetryKeys + 100; ++i)
    table.use(std::to_string(i), at(seconds(1)));
  EXPECT_LE(table.size(), kube::kRetryKeys);
  EXPECT_EQ(first->key(), "first");
}

}  // namespace
