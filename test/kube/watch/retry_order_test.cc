// kube::Retry with several attempts of one key: who waits for whom, how long, with which spread, and
// what is said of it. kube::Attempt: settled once.
#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/log.h"
#include "base/text.h"
#include "kube/watch/retry.h"
#include "loop/clock.h"
#include "loop/loop.h"

namespace {

using base::Duration;
using base::milliseconds;
using base::seconds;
using Floor = kube::watch::Retry::Floor;
using State = watchutil::CircuitBreaker::State;

class RetryOrder : public ::testing::Test {
 protected:
  RetryOrder() {
    base::log::configure({.level = base::log::Level::debug});
    base::log::capture(&log);
  }
  ~RetryOrder() override {
    base::log::capture(nullptr);
    base::log::configure({});
  }
  static kube::Failure why(std::optional<Duration> retry_after = {}, int status = 503) {
    kube::Failure failure;
    failure.message = "refused";
    failure.status = status;
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
  kube::watch::Attempt allowed(kube::watch::Retry& of, Floor floor = Floor::keep) {
    kube::watch::Permit permit = of.ask(floor);
    EXPECT_TRUE(permit.attempt);
    return std::move(permit.attempt);
  }
  // Five failures in a row.
  void open(kube::watch::Retry& of) {
    for (int i = 0; i < 5; ++i) {
      const Duration delay = allowed(of).failed(why());
      if (i < 4) pass(delay);
    }
    ASSERT_EQ(of.state(), State::open);
  }
  int lines(std::string_view with) const {
    int n = 0;
    for (const std::string_view line : base::split(log, '\n'))
      n += line.find(with) != std::string_view::npos;
    return n;
  }

  std::string log;
  loop::VirtualClock clock;
  loop::Loop loop{clock};
  kube::watch::RetryParameters spread;
  kube::watch::Retry retry{"logs default/web", no_jitter(), loop};
};

TEST_F(RetryOrder, ALaterFailureShortensNoEarlierRetryAfter) {
  // Another stream of the same key that failed later made 2 s of the 120 s.
  kube::watch::Attempt one = allowed(retry, Floor::none), other = allowed(retry, Floor::none);
  EXPECT_EQ(one.failed(why(seconds(120))), seconds(120));
  pass(seconds(1));
  EXPECT_EQ(other.failed(why()), seconds(119)) << "what is true for the key";
  EXPECT_EQ(retry.next_attempt_in(), seconds(119));
  pass(seconds(118));
  EXPECT_FALSE(retry.ask().attempt);
  pass(seconds(1));
  EXPECT_TRUE(retry.ask().attempt);
}

TEST_F(RetryOrder, ASuccessEndsTheDelayOfASiblingsFailure) {
  kube::watch::Attempt good = allowed(retry, Floor::none);
  EXPECT_EQ(allowed(retry, Floor::none).failed(why()), seconds(1));
  EXPECT_FALSE(retry.ask(Floor::none).attempt);
  good.succeeded();
  EXPECT_EQ(retry.held_back(), retry.retry_after()) << "nothing is held against the key";
  EXPECT_TRUE(retry.ask(Floor::none).attempt);
  EXPECT_EQ(retry.breaker().failures(), 0);
}

TEST_F(RetryOrder, ASuccessDoesNotEndWhatTheServerAskedASiblingFor) {
  kube::watch::Attempt good = allowed(retry, Floor::none);
  EXPECT_EQ(allowed(retry, Floor::none).failed(why(seconds(60))), seconds(60));
  good.succeeded();
  EXPECT_EQ(retry.next_attempt_in(), seconds(60));
  EXPECT_FALSE(retry.ask().attempt);
}

TEST_F(RetryOrder, StartsOfOneKeyAreASecondApartAndAFifthMoreAtTheMost) {
  kube::watch::Retry one("one", spread, loop, nullptr, 5);
  std::set<std::int64_t> gaps;
  for (int i = 0; i < 20; ++i) {
    kube::watch::Attempt attempt = allowed(one);
    attempt.succeeded();
    const Duration wait = one.ended("ended");
    EXPECT_GE(wait, seconds(1));
    EXPECT_LE(wait, milliseconds(1200));
    EXPECT_EQ(one.ask().wait, wait);
    gaps.insert(base::to_ms(wait));
    pass(seconds(7));
    EXPECT_LE(one.next_attempt_in(), Duration::zero()) << "the last start is long past: at once";
  }
  EXPECT_GE(gaps.size(), 15u) << "each at its own time";
}

TEST_F(RetryOrder, TheWaitForAnOpenBreakerIsTheCooldownAndAFifthOfTheBackoffsDelay) {
  std::set<std::int64_t> waits;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    kube::watch::Retry one("watch", spread, loop, nullptr, seed);
    for (int i = 0; i < 4; ++i)
      pass(allowed(one).failed(why()));
    const Duration wait = allowed(one).failed(why());
    EXPECT_GE(wait, seconds(30));
    EXPECT_LE(wait, seconds(30) + milliseconds(3200)) << "16 s is the fifth delay";
    waits.insert(base::to_ms(wait));
    // Whoever else waits for it waits as long.
    const kube::watch::Permit other = one.ask();
    EXPECT_TRUE(other.blocked);
    EXPECT_EQ(other.wait, wait);
  }
  EXPECT_GE(waits.size(), 35u);
  EXPECT_GE(*waits.rbegin() - *waits.begin(), 2000) << "over the whole range";
}

TEST_F(RetryOrder, WhoWaitsForAnothersTrialDoesNotComeInStep) {
  std::set<std::int64_t> waits;
  kube::watch::Retry one("watch", spread, loop, nullptr, 3);
  open(one);
  pass(seconds(40));
  const kube::watch::Attempt trial = allowed(one);
  for (int i = 0; i < 20; ++i) {
    const kube::watch::Permit permit = one.ask();
    EXPECT_FALSE(permit.attempt);
    EXPECT_TRUE(permit.blocked);
    EXPECT_GE(permit.wait, milliseconds(999));
    EXPECT_LE(permit.wait, milliseconds(1200));
    waits.insert(permit.wait.count());
  }
  EXPECT_EQ(waits.size(), 20u);
}

TEST_F(RetryOrder, StreamsThatBreakTogetherAreOneFailure) {
  std::vector<kube::watch::Attempt> streams;
  for (int i = 0; i < 8; ++i) {
    streams.push_back(allowed(retry));
    streams.back().succeeded();
    pass(seconds(2));
  }
  for (kube::watch::Attempt& stream : streams)
    EXPECT_EQ(stream.failed(why()), seconds(1));
  EXPECT_EQ(retry.breaker().failures(), 1);
  EXPECT_EQ(retry.state(), State::closed);
  // Those that come back and break again are news.
  pass(seconds(1));
  kube::watch::Attempt again = allowed(retry);
  again.succeeded();
  EXPECT_EQ(retry.breaker().failures(), 0);
  EXPECT_EQ(again.failed(why()), seconds(1));
  EXPECT_EQ(retry.breaker().failures(), 1);
}

TEST_F(RetryOrder, AStreamThatBreaksWhileAnotherIsTheTrialIsNotTheTrial) {
  kube::watch::Attempt old = allowed(retry);
  old.succeeded();
  pass(seconds(2));
  open(retry);
  pass(seconds(30));
  kube::watch::Attempt trial = allowed(retry);
  old.failed(why());
  EXPECT_EQ(retry.state(), State::half_open);
  trial.succeeded();
  EXPECT_EQ(retry.state(), State::closed);
}

TEST_F(RetryOrder, AnAttemptIsSettledOnceAndItsEndFreesThePlace) {
  open(retry);
  pass(seconds(30));
  {
    kube::watch::Attempt trial = allowed(retry);
    kube::watch::Attempt moved = std::move(trial);
    EXPECT_FALSE(trial);
    EXPECT_TRUE(moved);
    EXPECT_FALSE(retry.ask().attempt);
  }
  pass(seconds(2));
  kube::watch::Attempt next = allowed(retry);
  next.succeeded();
  EXPECT_FALSE(next);
  next.succeeded();
  next.drop();
  EXPECT_EQ(retry.state(), State::closed);
  EXPECT_EQ(retry.breaker().attempt(), 7u);
}

TEST_F(RetryOrder, AnAttemptThatGivesWayToAnotherFreesItsPlace) {
  open(retry);
  pass(seconds(30));
  kube::watch::Attempt trial = allowed(retry);
  trial = kube::watch::Attempt();
  EXPECT_FALSE(trial);
  pass(seconds(2));
  EXPECT_TRUE(retry.ask().attempt);
}

TEST_F(RetryOrder, ARefusalCountsAsAnErrorThoughItFailsNothing) {
  kube::watch::WatchCounts counts;
  kube::watch::Retry counted("logs default/web", no_jitter(), loop, &counts);
  kube::Failure refusal = why({}, 403);
  refusal.code = base::Errc::forbidden;
  EXPECT_EQ(allowed(counted).refused(refusal), Duration());
  EXPECT_EQ(counts.errors[static_cast<std::size_t>(base::Errc::forbidden)], 1u);
  EXPECT_EQ(counted.breaker().failures(), 0);
}

TEST_F(RetryOrder, WhatIsRefusedToOneCallerGivesTheTrialsPlaceBack) {
  for (const int status : {400, 401, 403, 404, 422}) {
    SCOPED_TRACE(status);
    kube::watch::Retry one("one", no_jitter(), loop);
    open(one);
    pass(seconds(30));
    EXPECT_EQ(allowed(one).refused(why({}, status)), Duration::zero());
    EXPECT_EQ(one.state(), State::half_open);
    EXPECT_EQ(one.breaker().failures(), 5);
    EXPECT_TRUE(one.ask(Floor::none).attempt) << "the next may try";
  }
  for (const int status : {0, 408, 429, 500, 503}) {
    SCOPED_TRACE(status);
    kube::watch::Retry one("one", no_jitter(), loop);
    open(one);
    pass(seconds(30));
    EXPECT_GE(allowed(one).refused(why({}, status)), seconds(30));
    EXPECT_EQ(one.state(), State::open);
  }
}

TEST_F(RetryOrder, ALookUpIsSettledByWhatComesOfTheLog) {
  kube::watch::Retry look_up("logs default/web/", no_jitter(), loop);
  const auto attempt = [&] {
    kube::watch::Attempt both = allowed(retry);
    both.join(allowed(look_up));
    return both;
  };
  for (int i = 0; i < 5; ++i) {
    const Duration delay = attempt().failed(why());
    EXPECT_EQ(look_up.next_attempt_in(), delay);
    if (i < 4) pass(delay);
  }
  EXPECT_EQ(look_up.state(), State::open);
  pass(seconds(30));
  attempt().drop();
  EXPECT_EQ(look_up.state(), State::half_open);
  pass(seconds(2));
  attempt().succeeded();
  EXPECT_EQ(look_up.state(), State::closed);
  EXPECT_EQ(look_up.breaker().failures(), 0);
  pass(seconds(2));
  allowed(look_up).put_off(seconds(20));
  EXPECT_EQ(look_up.next_attempt_in(), seconds(20));
  EXPECT_EQ(look_up.breaker().failures(), 0);
}

TEST_F(RetryOrder, EveryWaitIsOneDebugLineWithItsDelay) {
  const auto said = [&](std::string_view why_, int delay_ms) {
    return lines(R"("level":"DEBUG","msg":"watch attempt waits","delay_ms":)" +
                 std::to_string(delay_ms) + R"(,"watch":"logs default/web",)") &&
           lines(R"("why":")" + std::string(why_)) == 1;
  };
  kube::watch::Attempt first = allowed(retry);
  retry.ask();
  EXPECT_TRUE(said("the last start was just now", 1000)) << log;
  first.failed(why(seconds(3)));
  retry.ask();
  EXPECT_TRUE(said("an earlier attempt failed", 3000)) << log;
  pass(seconds(3));
  log.clear();
  for (int i = 0; i < 4; ++i)
    pass(allowed(retry).failed(why()) - (i == 3 ? seconds(30) : seconds(0)));
  retry.ask();
  EXPECT_TRUE(said("the circuit breaker is open", 30000)) << log;
  pass(seconds(30));
  kube::watch::Attempt trial = allowed(retry);
  pass(seconds(5));
  log.clear();
  retry.ask();
  EXPECT_TRUE(said("the single trial is in progress", 1000)) << log;
  trial.succeeded();
  log.clear();
  retry.ended("ended");
  EXPECT_EQ(lines(R"("msg":"watch ended","delay_ms":0,"watch":"logs default/web","how":"ended")"),
            1)
      << log;
}

}  // namespace
