// What failures and ends mean: for the cursor, the breaker, the delay and what is told
// (fault rows W, B, L, H).
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

class ReflectorOutcome : public test::ReflectorWorld {
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

TEST_F(ReflectorOutcome, W03StreamsThatEndAtOnceAreFailuresAndRelistFromTheSecondOn) {
  Asked watch = synced();
  std::string asked_for;
  for (int n = 1; n <= 5; ++n) {
    watch.end();
    settle();
    EXPECT_EQ(failures(), n);
    if (n == 5) break;
    expect_backoff(down, n);
    Asked next = asked();
    asked_for += next.is_watch() ? "watch " : "list ";
    if (!next.is_watch()) {
      next.json(list("20", {object("a", "1"), object("b", "2")}));
      next = asked_watch("20");
    }
    next.begin();
    watch = std::move(next);
  }
  EXPECT_EQ(asked_for, "watch list watch list ");
  EXPECT_EQ(retry.breaker().state(loop.now()), BreakerState::open);
  EXPECT_TRUE(quiet(seconds(29)));
  asked();
}

TEST_F(ReflectorOutcome, ItIsDownSinceTheFirstFailure) {
  Asked watch = synced();
  watch.end();
  settle();
  const auto since = reflector->status().down_since;
  ASSERT_TRUE(since.has_value());
  asked().fail(500, "InternalError", "etcd");
  settle();
  EXPECT_EQ(failures(), 2);
  EXPECT_EQ(reflector->status().down_since, since);
}

TEST_F(ReflectorOutcome, W04OfEventsTheFirstEmptyEndRelists) {
  kube::watch::ReflectorSpec s = spec();
  s.events = true;
  Asked watch = synced(s);
  watch.end();
  asked_list().json(list("30", {object("a", "1"), object("b", "2")}));
  watch = asked_watch("30");
  watch.begin();
  watch.write(frame("ADDED", object("c", "31")));
  settle();
  EXPECT_EQ(take(), (Said{"<down>", "<up>", "+ns/c=31"}));
}

TEST_F(ReflectorOutcome, W05W06AnExpiredCursorIsRelistedAtOnceAndCountsForNothing) {
  for (const bool in_stream : {true, false}) {
    Asked watch = synced();
    if (in_stream) {
      watch.write(error(410, "Expired"));
    } else {
      pass(seconds(2));
      watch.end();
      watch = asked_watch("10");
      watch.fail(410, "Expired", "too old resource version: 10 (99)");
    }
    Asked again = asked_list();
    EXPECT_LE(ms(again.at - watch.at), 1210);
    again.json(list("50", {object("a", "1"), object("b", "2")}));
    watch = asked_watch("50");
    watch.begin();
    watch.write(bookmark("51"));
    settle();
    EXPECT_EQ(take(), Said{});
    EXPECT_EQ(failures(), 0);
    reflector.reset();
    settle();
    api.waiting.clear();
  }
}

TEST_F(ReflectorOutcome, W07A410AfterEachRelistBacksOff) {
  Asked watch = synced();
  watch.write(error(410, "Expired"));
  for (int n = 0; n < 4; ++n) {
    Asked again = asked_list();
    if (n > 0) expect_backoff(again.at - watch.at, n);
    again.json(list("50", {object("a", "1"), object("b", "2")}));
    watch = asked_watch("50");
    watch.begin();
    watch.write(error(410, "Expired"));
    settle();
  }
  EXPECT_EQ(failures(), 4) << "the first was free";
  EXPECT_EQ(take(), Said(4, "<down>"));
}

TEST_F(ReflectorOutcome, W08AllWaysToSayExpired) {
  for (const char* object_json :
       {R"({"kind":"Status","code":410})", R"({"kind":"Status","reason":"Gone"})",
        R"({"kind":"Status","reason":"Expired"})", R"({"code":410,"message":"no kind"})",
        R"({"status":"Failure","reason":"Expired"})"}) {
    SCOPED_TRACE(object_json);
    Asked watch = confirmed();
    watch.write(frame("ERROR", object_json));
    asked_list();
    EXPECT_EQ(failures(), 0);
    reflector.reset();
    settle();
    take();
    api.waiting.clear();
  }
}

TEST_F(ReflectorOutcome, W09AServerErrorKeepsTheCursorUntilTheThird) {
  Asked watch = synced();
  for (int n = 1; n <= 3; ++n) {
    watch.write(error(500, "InternalError"));
    settle();
    expect_backoff(down, n);
    if (n == 3) break;
    watch = asked_watch("10");
    watch.begin();
  }
  asked_list();
  EXPECT_EQ(failures(), 3);
}

TEST_F(ReflectorOutcome, W10ThrottledStreamsWaitAsLongAsTold) {
  Asked watch = synced();
  watch.write(frame(
      "ERROR",
      R"({"kind":"Status","code":429,"reason":"TooManyRequests","details":{"retryAfterSeconds":7}})"));
  settle();
  EXPECT_GE(down, seconds(7));
  EXPECT_LE(down, base::milliseconds(7210));
  Asked again = asked_watch("10");
  EXPECT_GE(again.at - watch.at, seconds(7));
  EXPECT_EQ(failures(), 1);
}

TEST_F(ReflectorOutcome, W11AnErrorFrameOfAnythingIsAServerError) {
  for (const char* what : {"null", "\"x\"", "{}",
                           R"({"kind":"Pod","metadata":{"name":"a","resourceVersion":"99"}})"}) {
    SCOPED_TRACE(what);
    Asked watch = synced();
    watch.write(frame("ERROR", what));
    settle();
    EXPECT_EQ(take(), Said{"<down>"});
    EXPECT_EQ(last.status, 500);
    asked_watch("10");
    reflector.reset();
    settle();
    api.waiting.clear();
    retry.succeeded();
  }
}

TEST_F(ReflectorOutcome, W12H21GarbageKeepsTheCursorOfTheLastGoodFrameUntilTheThird) {
  Asked watch = synced();
  watch.write(frame("ADDED", object("c", "11")) + frame("FOO", object("d", "12")));
  settle();
  EXPECT_EQ(take(), (Said{"+ns/c=11", "<down>"}));
  EXPECT_EQ(last.code, base::Errc::protocol);
  for (int n = 2; n <= 3; ++n) {
    watch = asked_watch("11");
    watch.begin();
    watch.write("garbage\n");
    settle();
  }
  asked_list();
}

TEST_F(ReflectorOutcome, W25H17AStreamWithoutAByteIsClosedAfterItsTime) {
  Asked watch = synced();
  const base::Duration timeout = seconds(std::stoi(watch.param("timeoutSeconds")));
  pass(seconds(2));
  EXPECT_EQ(reflector->state(), Reflector::State::confirmed);
  run_until([&] { return !watch.connected(); });
  EXPECT_NEAR(static_cast<double>(ms(loop.now() - watch.at)),
              static_cast<double>(ms(timeout + seconds(10))), 20);
  settle();
  EXPECT_EQ(take(), Said{"<down>"});
  EXPECT_EQ(last.code, base::Errc::timeout);
  EXPECT_EQ(failures(), 1);
  // A head that comes after 70 s, as from a proxy that buffers, is in time.
  watch = asked_watch("10");
  pass(seconds(70));
  watch.begin();
  watch.write(bookmark("11"));
  settle();
  EXPECT_EQ(take(), Said{"<up>"});
  // One that had frames is a connection that failed, and no outage yet.
  run_until([&] { return !watch.connected(); });
  Asked again = asked_watch("11");
  EXPECT_LE(ms(again.at - watch.at), ms(seconds(342)));
  EXPECT_EQ(failures(), 1);
  EXPECT_EQ(take(), Said{});
}

TEST_F(ReflectorOutcome, AHeadThatNeverComesIsAFailure) {
  start();
  asked_list().json(list("10", {}));
  Asked watch = asked_watch("10");
  Asked again = asked_watch("10");
  EXPECT_NEAR(static_cast<double>(ms(again.at - watch.at)), 91100, 120);
  EXPECT_EQ(failures(), 1);
  EXPECT_EQ(last.code, base::Errc::timeout);
}

TEST_F(ReflectorOutcome, QuietStreamsThatAreCutEarlyMakeTheCursorSuspectOnceInFiveMinutes) {
  Asked watch = synced();
  const auto end_after = [&](base::Duration time) {
    watch.begin();
    pass(time);
    watch.end();
    watch = asked();
  };
  pass(seconds(20));
  watch.end();
  watch = asked_watch("10");
  end_after(seconds(20));
  EXPECT_TRUE(watch.is_watch());
  end_after(seconds(20));
  EXPECT_FALSE(watch.is_watch()) << "the third";
  watch.json(list("12", {object("a", "1"), object("b", "2")}));
  watch = asked_watch("12");
  for (int i = 0; i < 10; ++i) {
    end_after(seconds(20));
    EXPECT_TRUE(watch.is_watch()) << i;
  }
  EXPECT_EQ(failures(), 0);
  EXPECT_EQ(take(), Said{});
}

TEST_F(ReflectorOutcome, L12AVersionFromTheFutureDropsTheCursorAndIsFreeOnce) {
  Asked watch = synced();
  const std::string too_large =
      R"({"kind":"Status","status":"Failure","reason":"Timeout","code":504,"details":{"causes":[{"reason":"ResourceVersionTooLarge"}],"retryAfterSeconds":1}})";
  watch.write(frame("ERROR", too_large));
  Asked again = asked_list();
  EXPECT_FALSE(again.has("resourceVersion"));
  EXPECT_EQ(failures(), 0);
  again.json(too_large, 504);
  settle();
  EXPECT_EQ(failures(), 1);
  EXPECT_EQ(take(), Said{"<down>"});
}

TEST_F(ReflectorOutcome, H05AnErrorWithContentLengthIsTheSame) {
  start();
  asked_list().json(list("10", {}));
  asked_watch("10").json(error(410, "Expired"));
  asked_list();
  EXPECT_EQ(failures(), 0);
}

TEST_F(ReflectorOutcome, H10AProxysPageIsAFailure) {
  start();
  asked_list().json(list("10", {}));
  asked_watch("10").reply.send(200, "text/html", "<html>please log in</html>");
  settle();
  EXPECT_EQ(take(), (Said{"<synced>", "<down>"}));
  EXPECT_NE(last.message.find("please log in"), std::string::npos);
  asked_watch("10");
}

TEST_F(ReflectorOutcome, H20AFrameCutByACleanEndIsForgotten) {
  Asked watch = confirmed();
  watch.write(frame("ADDED", object("c", "12")).substr(0, 40));
  pass(seconds(1));
  watch.end();
  watch = asked_watch("11");
  watch.begin();
  watch.write(frame("ADDED", object("c", "12")));
  settle();
  EXPECT_EQ(take(), Said{"+ns/c=12"});
  EXPECT_EQ(failures(), 0) << "it is confirmed again";
}

TEST_F(ReflectorOutcome, H22AFrameOverTheLimitIsTriedSlowly) {
  Asked watch = confirmed();
  const std::string chunk(std::size_t{1024} * 1024, 'x');
  watch.write(R"({"type":"ADDED","object":{"x":")");
  for (int i = 0; i < 17; ++i)
    watch.write(chunk);
  pass(seconds(1));
  EXPECT_EQ(take(), Said{"<down>"});
  EXPECT_EQ(last.code, base::Errc::too_large);
  EXPECT_GE(down, seconds(30));
  asked_watch("11");
}

}  // namespace
