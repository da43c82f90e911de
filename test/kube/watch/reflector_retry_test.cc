// When a reflector tries again: backoff, breaker, Retry-After, and refusals that are none of theirs
// (fault rows B).
#include "support/reflector_world.h"

namespace {

using base::minutes;
using base::seconds;
using kube::watch::Reflector;
using test::Asked;
using test::bookmark;
using test::frame;
using test::list;
using test::object;
using test::status_text;
using BreakerState = watchutil::CircuitBreaker::State;

class ReflectorRetry : public test::ReflectorWorld {
 protected:
  std::string error(int code, std::string_view reason) {
    return frame("ERROR", status_text(code, reason, "told in the stream"));
  }
  int failures() const { return retry.breaker().failures(); }
  // Delay n (from 1) of the backoff, from the failure to the request.
  static void expect_backoff(base::Duration delay, int n) {
    const std::int64_t base = std::min<std::int64_t>(std::int64_t{1} << (n - 1), 60) * 1000;
    EXPECT_GE(ms(delay), base);
    EXPECT_LE(ms(delay), base * 12 / 10 + 10);
  }
};

TEST_F(ReflectorRetry, L13ListsThatWorkDoNotHideWatchesThatDoNot) {
  start();
  base::TimePoint failed{};
  for (int n = 0; n < 5; ++n) {
    Asked ask = asked();
    if (n > 0) expect_backoff(ask.at - failed, n);
    if (!ask.is_watch()) {
      ask.json(list("10", {}));
      ask = asked();
    }
    ASSERT_TRUE(ask.is_watch());
    ask.fail(500, "InternalError", "no watch today");
    settle();
    failed = ask.at;
  }
  EXPECT_EQ(retry.breaker().state(loop.now()), BreakerState::open);
}

TEST_F(ReflectorRetry, AWatchOfWhichOnlyTheListWasWantedHasSucceeded) {
  // The monitor of a cluster that is ready ends with its list: of such watches a failed one now and
  // then, and no other, was counted, and after five of them subscriptions were refused.
  for (int n = 0; n < 8; ++n) {
    start();
    asked_list().fail(500, "InternalError", "now and then");
    settle();
    EXPECT_EQ(failures(), 1) << n;
    asked_list().json(list("10", {}));
    asked_watch("10");
    reflector->stop();
    settle();
    EXPECT_EQ(failures(), 0) << n;
    take();
  }
  EXPECT_EQ(retry.breaker().state(loop.now()), BreakerState::closed);
}

TEST_F(ReflectorRetry, AWatchThatIsStoppedBeforeItsListIsWholeHasNot) {
  start();
  asked_list().fail(500, "InternalError", "now and then");
  settle();
  asked_list();
  reflector->stop();
  settle();
  EXPECT_EQ(failures(), 1);
}

TEST_F(ReflectorRetry, ARedirectIsAFailureAtTheSlowCadence) {
  start();
  asked_list().fail(302, "", "");
  settle();
  EXPECT_EQ(take(), Said{"<down>"});
  EXPECT_GE(down, seconds(30));
  EXPECT_EQ(failures(), 1);
}

TEST_F(ReflectorRetry, B01B02TheScheduleOfARefusingServer) {
  api.down();
  start();
  std::vector<base::Duration> delays;
  hook = [&](const std::string& what) {
    if (what == "<down>") delays.push_back(down);
  };
  run_until([&] { return delays.size() == 8; });
  for (int n = 1; n <= 4; ++n)
    expect_backoff(delays[static_cast<std::size_t>(n - 1)], n);
  EXPECT_GE(delays[4], seconds(30)) << "the cooldown hides the backoff of 16 s";
  EXPECT_LE(delays[4], base::milliseconds(33200)) << "and not its spread";
  expect_backoff(delays[5], 6);
  expect_backoff(delays[6], 7);
  expect_backoff(delays[7], 8);
  api.up();
  asked_list().json(list("10", {}));
  Asked watch = asked_watch("10");
  watch.begin();
  settle();
  EXPECT_EQ(retry.breaker().state(loop.now()), BreakerState::half_open)
      << "nothing is proven by a 200";
  pass(seconds(1));
  EXPECT_EQ(retry.breaker().state(loop.now()), BreakerState::closed);
  EXPECT_EQ(retry.backoff().failures(), 0U);
  EXPECT_EQ(said.back(), "<up>");
}

TEST_F(ReflectorRetry, B03ATrialThatHangsIsEndedAndCounted) {
  for (int i = 0; i < 5; ++i)
    retry.failed(kube::Failure());
  start();
  settle();
  EXPECT_EQ(take(), Said{"<down>"}) << "told that it waits for the breaker";
  EXPECT_NEAR(static_cast<double>(ms(down)), 31600, 1610);
  Asked hanging = asked_list();
  EXPECT_NEAR(static_cast<double>(ms(hanging.at.since)), static_cast<double>(ms(down)), 10);
  settle();
  Asked again = asked_list();
  EXPECT_GE(again.at - hanging.at, seconds(60)) << "30 s for the head, 30 s of a new cooldown";
  EXPECT_EQ(failures(), 6);
}

TEST_F(ReflectorRetry, B04B13StoppingFreesTheTrialAndLeavesNothingArmed) {
  const std::size_t timers = loop.timers();
  // In each state in turn.
  for (const int state : {0, 1, 2, 3, 4, 5}) {
    SCOPED_TRACE(state);
    for (int i = 0; i < 5; ++i)
      retry.failed(kube::Failure());
    pass(minutes(2));
    start();
    std::optional<Asked> ask;
    if (state >= 1) ask = asked_list();
    if (state >= 2) {
      ask->json(list("10", {}));
      ask = asked_watch("10");
    }
    if (state >= 3) {
      ask->begin();
      settle();
    }
    if (state == 4) ask->write(frame("ADDED", object("c", "12")).substr(0, 30));
    if (state == 5) ask->write("garbage");
    settle();
    reflector->stop();
    EXPECT_EQ(reflector->state(), Reflector::State::stopped);
    if (state < 4) {
      EXPECT_TRUE(retry.allow(kube::watch::Retry::Floor::none)) << "the next may try";
    }
    retry.cancelled();
    api.waiting.clear();
    ask.reset();
    take();
    pass(minutes(2));  // idle connections close
    EXPECT_EQ(loop.timers(), timers);
    EXPECT_TRUE(api.waiting.empty());
    EXPECT_EQ(client->stats().connections, 0U);
    retry.allow();
    retry.succeeded();
  }
}

TEST_F(ReflectorRetry, B05StreamsThatAreResetAtOnceOpenTheBreaker) {
  start();
  for (int n = 0; n < 5; ++n) {
    Asked ask = asked();
    if (!ask.is_watch()) {
      ask.json(list("10", {}));
      ask = asked();
    }
    ask.begin();
    pass(base::milliseconds(10));
    ask.cut();
    settle();
  }
  EXPECT_EQ(retry.breaker().state(loop.now()), BreakerState::open);
  EXPECT_EQ(take(), (Said{"<synced>", "<down>", "<down>", "<down>", "<down>", "<down>"}));
}

TEST_F(ReflectorRetry, B06B07B08RetryAfterIsALowerBoundWithACap) {
  struct Case {
    const char* header;
    base::Duration least, most;
  };
  for (const Case& c :
       {Case{"120", seconds(120), seconds(121)}, Case{"999999", seconds(300), seconds(301)},
        Case{"Wed, 21 Oct 2026 07:28:00 GMT", seconds(1), base::milliseconds(1200)}}) {
    SCOPED_TRACE(c.header);
    start();
    asked_list().fail(503, "ServiceUnavailable", "later",
                      std::string("Retry-After: ") + c.header + "\r\n");
    settle();
    EXPECT_GE(down, c.least);
    EXPECT_LE(down, c.most);
    reflector.reset();
    settle();
    take();
    retry.succeeded();
  }
}

TEST_F(ReflectorRetry, B10AForbiddenWatchIsTriedSoonAtFirstThenSlowlyAndRecovers) {
  Asked watch = confirmed();
  pass(seconds(1));
  watch.end();
  base::TimePoint refused{};
  // An API server that has just started has not read its RBAC rules yet.
  for (const int wait : {0, 1, 2, 4, 30, 60, 120, 240, 300, 300}) {
    watch = asked_watch("11");
    if (wait > 0) {
      EXPECT_GE(ms(watch.at - refused), wait * 1000);
      EXPECT_LE(ms(watch.at - refused), wait * 1200 + 20);
    }
    refused = watch.at;
    watch.fail(403, "Forbidden", "no");
  }
  settle();
  Said told = take();
  EXPECT_EQ(Said(told.begin(), told.begin() + 3), Said(3, "<down>"));
  EXPECT_EQ(Said(told.begin() + 3, told.end()), Said(7, "<denied 403>"));
  EXPECT_EQ(failures(), 0) << "no business of the breaker";
  watch = asked_watch("11");
  watch.begin();
  watch.write(frame("ADDED", object("c", "12")));
  settle();
  EXPECT_EQ(take(), (Said{"<up>", "+ns/c=12"}));
  watch.write(error(403, "Forbidden"));
  settle();
  Asked again = asked_watch("12");
  EXPECT_LE(ms(again.at - watch.at), 1210) << "it began anew";
}

TEST_F(ReflectorRetry, W29AMissingCollectionIsListedAgainSlowly) {
  Asked watch = confirmed();
  watch.write(frame("DELETED", object("a", "12")) + frame("DELETED", object("b", "13")));
  pass(seconds(1));
  watch.end();
  asked_watch("13").fail(404, "NotFound", "the server could not find the requested resource");
  Asked again = asked_list();
  again.json(list("20", {object("a", "19", "new")}));
  asked_watch("20");
  EXPECT_EQ(take(), (Said{"-ns/a=12", "-ns/b=13", "<denied 404>", "+ns/a=19"}));
}

TEST_F(ReflectorRetry, AnUnknownCallerIsTriedWithItsOwnBackoffUntilItHasAFreshToken) {
  kube::watch::ReflectorSpec s = spec();
  s.credentials = kube::config::Credentials::bearer("old");
  start(s);
  base::TimePoint refused{};
  for (int n = 0; n < 7; ++n) {
    Asked ask = asked_list();
    if (n > 0) expect_backoff(ask.at - refused, n);
    refused = ask.at;
    ask.fail(401, "Unauthorized", "who?");
    settle();
  }
  EXPECT_EQ(take(), Said(7, "<denied 401>"));
  EXPECT_EQ(failures(), 0);
  pass(seconds(2));
  reflector->set_credentials(kube::config::Credentials::bearer("new"));
  Asked ask = asked_list(seconds(1));
  EXPECT_EQ(ask.authorization, "Bearer new");
}

TEST_F(ReflectorRetry, AFreshTokenWaitsForNothingButTheNextRequestOtherwise) {
  kube::watch::ReflectorSpec s = spec();
  s.credentials = kube::config::Credentials::bearer("old");
  Asked watch = synced(s);
  reflector->set_credentials(kube::config::Credentials::bearer("new"));
  EXPECT_TRUE(quiet(seconds(60)));
  EXPECT_TRUE(watch.connected());
  watch.end();
  EXPECT_EQ(asked_watch("10").authorization, "Bearer new");
}

TEST_F(ReflectorRetry, ARequestThatIsWrongIsNotRepeated) {
  for (const int code : {400, 405, 406, 415, 422}) {
    start();
    asked_list().fail(code, "", "wrong");
    settle();
    EXPECT_EQ(take(), Said{"<denied " + std::to_string(code) + ">"});
    EXPECT_EQ(reflector->state(), Reflector::State::stopped);
    EXPECT_TRUE(quiet(base::hours(2)));
  }
  EXPECT_EQ(failures(), 0);
  kube::watch::ReflectorSpec s = spec();
  s.ns = "..";
  start(s);
  settle();
  EXPECT_EQ(take(), Said{"<denied 0>"});
  EXPECT_TRUE(quiet(base::hours(2)));
}

}  // namespace
