// Backoff and circuit breaker against the watcher lifecycle's requirements, scenario by scenario.
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

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

TEST(CircuitBreaker, B04ACancelledTrialFreesItsPlace) {
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

TEST(CircuitBreaker, ALateResultCountsByWhenItsAttemptBegan) {
  CircuitBreaker breaker;
  ASSERT_TRUE(breaker.allow(at(seconds(0))));
  const std::uint64_t old = breaker.attempt();
  fail(breaker, at(seconds(1)), 4);
  ASSERT_TRUE(breaker.allow(at(seconds(1))));
  const std::uint64_t before = breaker.attempt();
  fail(breaker, at(seconds(2)), 1);
  ASSERT_EQ(breaker.state(at(seconds(2))), State::open);
  breaker.record_success(at(seconds(3)), old);
  EXPECT_EQ(breaker.state(at(seconds(3))), State::open) << "it began before the failures";
  breaker.record_success(at(seconds(3)), before);
  EXPECT_EQ(breaker.state(at(seconds(3))), State::open);
  // Half-open, the trial under way: the late ones neither open it anew nor take its place.
  ASSERT_TRUE(breaker.allow(at(seconds(40))));
  const std::uint64_t trial = breaker.attempt();
  EXPECT_FALSE(breaker.record_failure(at(seconds(41)), old));
  breaker.cancel(before);
  EXPECT_EQ(breaker.state(at(seconds(41))), State::half_open);
  EXPECT_FALSE(breaker.allow(at(seconds(41))));
  EXPECT_TRUE(breaker.record_failure(at(seconds(42)), trial));
  EXPECT_EQ(breaker.retry_after(at(seconds(42))), seconds(30));
}

TEST(CircuitBreaker, AStreamConfirmedAfterTheOpeningIsEvidenceWhenItBeganAfterTheLastFailure) {
  CircuitBreaker breaker;
  fail(breaker, at(seconds(0)), 4);
  ASSERT_TRUE(breaker.allow(at(seconds(1))));
  const std::uint64_t fifth = breaker.attempt();
  ASSERT_TRUE(breaker.allow(at(seconds(1))));
  const std::uint64_t sixth = breaker.attempt();
  breaker.record_failure(at(seconds(2)), fifth);
  ASSERT_EQ(breaker.state(at(seconds(2))), State::open);
  breaker.record_success(at(seconds(3)), sixth);
  EXPECT_EQ(breaker.state(at(seconds(3))), State::closed);
  EXPECT_EQ(breaker.failures(), 0);
}

TEST(CircuitBreaker, AMillionFailuresOverflowNothing) {
  CircuitBreaker breaker;
  TimePoint now{};
  for (int i = 0; i < 1000000; ++i) {
    now = now + breaker.retry_after(now);
    ASSERT_TRUE(breaker.allow(now));
    breaker.record_failure(now);
  }
  EXPECT_EQ(breaker.failures(), 1000000);
  EXPECT_EQ(breaker.retry_after(now), seconds(30));
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

}  // namespace
