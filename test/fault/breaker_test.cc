// Faults that backoff and breaker answer (B01-B14), by the whole client stack.
#include "base/log.h"
#include "support/reflector_world.h"

namespace {

using base::hours;
using base::minutes;
using base::seconds;
using kube::watch::Reflector;
using test::Asked;
using test::bookmark;
using test::frame;
using test::list;
using test::object;
using BreakerState = watchutil::CircuitBreaker::State;

class FaultBreaker : public test::ReflectorWorld {
 protected:
  int failures() const { return retry.breaker().failures(); }
  // Fails until the breaker opens; the time at which it did.
  base::TimePoint opened() {
    start();
    for (int i = 0; i < 5; ++i) {
      asked_list().fail(503, "ServiceUnavailable", "no");
      settle();
    }
    EXPECT_EQ(retry.state(), BreakerState::open);
    return loop.now();
  }
  void recover(Asked ask) {
    if (!ask.is_watch()) {
      ask.json(list("10", {object("a", "1")}));
      ask = asked_watch("10");
    }
    ask.begin();
    ask.write(bookmark("11"));
    settle();
    open_watch = std::move(ask);
  }
  Asked open_watch;
};

TEST_F(FaultBreaker, B01FiveFailuresOpenItATrialClosesItAndTheBackoffBeginsAnew) {
  const base::TimePoint at = opened();
  EXPECT_TRUE(quiet(seconds(29)));
  Asked trial = asked_list();
  EXPECT_GE(trial.at - at, seconds(29)) << "from the failure, some milliseconds ago";
  EXPECT_LE(trial.at - at, base::milliseconds(33200)) << "with its spread";
  EXPECT_EQ(retry.state(), BreakerState::half_open);
  recover(std::move(trial));
  EXPECT_EQ(retry.state(), BreakerState::closed);
  EXPECT_EQ(failures(), 0);
  open_watch.write(frame("ERROR", test::status_text(503, "", "no")));
  settle();
  EXPECT_GE(down, seconds(1));
  EXPECT_LE(down, base::milliseconds(1200)) << "back to its beginning";
}

TEST_F(FaultBreaker, B02ATrialThatFailsOpensItForAFullCooldownOrTheBackoffIfLonger) {
  opened();
  for (const int least : {32, 60, 60}) {
    asked_list().fail(503, "ServiceUnavailable", "no");
    settle();
    EXPECT_EQ(retry.state(), BreakerState::open);
    EXPECT_GE(down, seconds(least));
    EXPECT_LE(down, base::milliseconds(1200 * least));
    EXPECT_TRUE(quiet(seconds(29)));
  }
}

TEST_F(FaultBreaker, B03ATrialThatHangsIsEndedByTheHeadersTimeAndCounted) {
  opened();
  Asked hanging = asked_list();
  EXPECT_TRUE(quiet(seconds(29)));
  EXPECT_EQ(retry.state(), BreakerState::half_open);
  pass(seconds(2));
  EXPECT_EQ(retry.state(), BreakerState::open);
  EXPECT_EQ(failures(), 6);
  recover(asked_list());
  EXPECT_EQ(retry.state(), BreakerState::closed) << "the place was free again";
}

TEST_F(FaultBreaker, B04ATrialCancelledByAnUnsubscribeFreesItsPlace) {
  opened();
  Asked trial = asked_list();
  reflector.reset();
  EXPECT_EQ(retry.state(), BreakerState::half_open);
  take();
  start();  // the next subscriber
  recover(asked_list());
  EXPECT_EQ(retry.state(), BreakerState::closed);
}

TEST_F(FaultBreaker, B05A200ThatIsResetAtOnceIsNeverASuccess) {
  start();
  int starts = 0;
  while (failures() < 5) {
    Asked ask = asked();
    if (!ask.is_watch()) {
      ask.json(list("10", {}));
      continue;
    }
    ++starts;
    ask.begin();
    pass(base::milliseconds(10));
    ask.cut();
    settle();
  }
  EXPECT_EQ(starts, 5);
  EXPECT_EQ(retry.state(), BreakerState::open);
  EXPECT_EQ(std::count(said.begin(), said.end(), "<up>"), 0);
}

TEST_F(FaultBreaker, B06B07B08RetryAfterIsALowerBoundOfWholeSecondsWithACap) {
  struct Case {
    int status;
    const char* header;
    base::Duration least, most;
  };
  const Case cases[] = {
      {503, "120", seconds(120), seconds(121)},
      {429, "Wed, 21 Oct 2026 07:28:00 GMT", seconds(1), base::milliseconds(1200)},
      {429, "999999", seconds(300), seconds(301)},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.header);
    std::string log;
    start();
    base::log::capture(&log);
    asked_list().fail(c.status, "", "busy", "Retry-After: " + std::string(c.header) + "\r\n");
    settle();
    base::log::capture(nullptr);
    EXPECT_GE(down, c.least);
    EXPECT_LE(down, c.most);
    EXPECT_EQ(log.find("Retry-After is cut") != std::string::npos, c.least == seconds(300));
    EXPECT_EQ(failures(), 1);
    reflector.reset();
    take();
    retry.succeeded();
  }
}

TEST_F(FaultBreaker, B09WhatIsRefusedToOneUserIsNothingToAnother) {
  kube::watch::Retry other_retry("other's watch", retry_parameters, loop);
  test::ReflectorOwner other;
  kube::watch::ReflectorSpec mine = spec(), theirs = spec();
  mine.credentials = kube::config::Credentials::bearer("a");
  theirs.credentials = kube::config::Credentials::bearer("b");
  test::ReflectorSlot fine(loop);
  fine.make(kube::Context{loop, *client, scope}, other_retry, other, theirs);
  start(mine);
  fine->start();
  int refused = 0;
  Asked watch;
  while (refused < 6) {
    Asked ask = asked();
    if (ask.authorization == "Bearer a") {
      ++refused;
      ask.fail(401, "Unauthorized", "who?");
    } else if (ask.is_watch()) {
      ask.begin();
      ask.write(bookmark("11"));
      watch = std::move(ask);
    } else {
      ask.json(list("10", {object("a", "1")}));
    }
  }
  watch.write(frame("ADDED", object("b", "12")));
  settle();
  EXPECT_EQ(other.changes, 2);
  EXPECT_EQ(other.downs, 0);
  EXPECT_EQ(fine->state(), Reflector::State::confirmed);
  EXPECT_EQ(other_retry.breaker().failures(), 0);
  EXPECT_EQ(failures(), 0) << "nor does it count for the one";
  EXPECT_EQ(retry.state(), BreakerState::closed);
}

TEST_F(FaultBreaker, B10A403ThatBecomesA200RecoversAtTheSlowCadence) {
  start();
  base::TimePoint at{};
  for (const int wait : {0, 30, 60}) {
    Asked ask = asked_list();
    if (wait > 0) {
      EXPECT_GE(ask.at - at, seconds(wait));
      EXPECT_LE(ask.at - at, base::milliseconds(1200 * wait + 20));
    }
    at = ask.at;
    ask.fail(403, "Forbidden", "no");
  }
  recover(asked_list());
  EXPECT_EQ(take(),
            (Said{"<denied 403>", "<denied 403>", "<denied 403>", "+ns/a=1", "<synced>", "<up>"}));
  EXPECT_EQ(failures(), 0);
}

TEST_F(FaultBreaker, B11AWallClockThatJumpsChangesNothing) {
  Asked watch = confirmed();
  for (const auto jump : {hours(1), -hours(2), hours(1)}) {
    clock.step_wall(jump);
    settle();
    EXPECT_TRUE(watch.connected());
  }
  watch.write(frame("ERROR", test::status_text(503, "", "no")));
  settle();
  const base::TimePoint failed = loop.now();
  clock.step_wall(hours(1));
  Asked again = asked_watch("11");
  EXPECT_LE(again.at - failed, base::milliseconds(1210));
  EXPECT_GE(again.at - failed, base::milliseconds(998));
  again.fail(503, "", "no");
  settle();
  clock.step_wall(-hours(1));
  EXPECT_TRUE(quiet(base::milliseconds(1990)));
  asked_watch("11");
}

TEST_F(FaultBreaker, B12AfterTenStoppedMinutesThereIsOneAttemptAndNoBurst) {
  Asked watch = confirmed();
  watch.write(frame("ERROR", test::status_text(503, "", "no")));
  settle();
  clock.advance(minutes(10));  // the process was stopped; every timer is long due
  const std::size_t before = api.requests;
  Asked again = asked_watch("11");
  settle();
  EXPECT_EQ(api.requests, before + 1);
  again.begin();
  again.write(bookmark("12"));
  settle();
  clock.advance(minutes(10));  // and once more while the watch was open
  Asked next = asked();
  settle();
  EXPECT_EQ(api.requests, before + 2);
  EXPECT_EQ(next.param("resourceVersion"), "12");
  EXPECT_EQ(failures(), 1) << "the watch whose deadline passed meanwhile";
}

TEST_F(FaultBreaker, B13AStopWaitsForNothingAndLeavesNoTimer) {
  const std::size_t timers = loop.timers();
  const auto stopped = [&](const char* where) {
    reflector->stop();
    EXPECT_EQ(reflector->state(), Reflector::State::stopped) << where;
    reflector.reset();
    api.waiting.clear();
    EXPECT_EQ(scope.active(), 0U) << where;
    take();
    EXPECT_TRUE(quiet(hours(2))) << where;
    EXPECT_EQ(loop.timers(), timers) << where;
    retry.allow();
    retry.succeeded();
  };
  start();
  stopped("before the dial");
  start();
  asked_list().fail(503, "", "no");
  settle();
  stopped("in the backoff");
  opened();
  stopped("in the cooldown");
  start();
  loop.run_once();
  stopped("in the dial");
  start();
  Asked page = asked_list();
  page.begin();
  page.write(R"({"metadata":{"resourceVersion":"1)");
  settle();
  stopped("in a half-received page");
  Asked watch = confirmed();
  watch.write(frame("ADDED", object("c", "12")).substr(0, 20));
  settle();
  stopped("in a half-received frame");
}

TEST_F(FaultBreaker, B14TheJittersExtremesKeepEachDelayWithinItsFifth) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    kube::watch::Retry one("one", retry_parameters, loop, nullptr, seed);
    for (int n = 0; n < 4; ++n) {
      const base::Duration delay = one.failed(kube::Failure()), base = seconds(1 << n);
      EXPECT_GE(delay, base);
      EXPECT_LE(delay, base * 12 / 10);
    }
  }
  kube::watch::RetryParameters none;
  none.backoff.jitter = 0;
  kube::watch::Retry exact("exact", none, loop);
  EXPECT_EQ(exact.failed(kube::Failure()), seconds(1));
}

}  // namespace
