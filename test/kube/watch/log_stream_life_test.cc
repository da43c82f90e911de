// A log stream's failures, back-pressure, one-time reads and its end by its owner.
#include <memory>
#include <string>
#include <vector>

#include "support/log_world.h"

namespace {

using base::seconds;
using test::Asked;
using test::Pod;

class LogStreamLife : public test::LogWorld {};

TEST_F(LogStreamLife, G15APausedReaderGetsEveryLineLater) {
  start();
  Asked log = opened();
  settle();
  stream->pause(true);
  const std::string block = line("01", std::string(1000, 'x'));
  std::size_t sent = 0;
  for (int i = 0; i < 20000; ++i) {
    log.write(line("01", std::to_string(i) + " " + std::string(1000, 'x')));
    ++sent;
  }
  pass(base::minutes(10));
  EXPECT_EQ(take(), Said{"open"});
  EXPECT_GT(log.reply.queued_bytes(), 5U * 1024 * 1024) << "the server keeps what we do not read";
  stream->pause(false);
  EXPECT_TRUE(said.empty()) << "not inside the call";
  // Paused again from inside a line, as a full queue does: nothing more comes, nothing is lost.
  std::size_t got = 0;
  hook = [&](const std::string& what) {
    EXPECT_EQ(what.substr(0, what.find(' ')), std::to_string(got));
    if (++got % 1000 == 0) stream->pause(true);
  };
  while (got < sent) {
    const std::size_t before = got;
    pass(seconds(1));
    ASSERT_GT(got, before);
    ASSERT_EQ(got % 1000, 0U);
    pass(seconds(1));
    stream->pause(false);
  }
  EXPECT_EQ(got, sent);
}

TEST_F(LogStreamLife, WhatWasHeldWhenAPausedStreamGrowsOldComesAgain) {
  start();
  Asked log = opened();
  hook = [&](const std::string& what) {
    if (what == "a") stream->pause(true);
  };
  log.write(line("01", "a") + line("01", "b"));
  settle();
  Asked look = asked();
  EXPECT_GE(look.at - log.at, base::minutes(30));
  look.json(Pod{}.json());
  Asked again = asked();
  again.begin();
  again.write(line("01", "a") + line("01", "b"));
  stream->pause(false);
  settle();
  EXPECT_EQ(take(), (Said{"open", "a", "b"}));
}

TEST_F(LogStreamLife, G17AnUnreachableKubeletIsTriedWithBackoff) {
  start();
  Asked log = opened();
  log.write(line("01", "a"));
  settle();
  log.cut();
  settle_pod({});
  base::TimePoint failed{};
  for (int n = 0; n < 3; ++n) {
    if (n > 0) settle_pod({});
    Asked again = asked();
    if (n > 0) {
      // The cut was the first failure.
      EXPECT_GE(again.at - failed, seconds(1 << n));
      EXPECT_LE(again.at - failed, base::milliseconds(1210 << n));
    }
    failed = again.at;
    again.fail(500, "InternalError", "dial tcp 10.0.0.7:10250: i/o timeout");
    settle();
  }
  EXPECT_EQ(take(), (Said{"open", "a", "<down>", "<down>", "<down>"}));
  EXPECT_EQ(down_message, "dial tcp 10.0.0.7:10250: i/o timeout");
  settle_pod({});
  Asked again = asked();
  again.begin();
  again.write(line("01", "a") + line("02", "b"));
  settle();
  EXPECT_EQ(take(), (Said{"<up>", "b"}));
}

TEST_F(LogStreamLife, AServerThatIsAwayIsAskedAgainUntilItIsBack) {
  api.down();
  start();
  run_until([&] { return said.size() == 7; });
  EXPECT_EQ(take(), Said(7, "<down>"));
  EXPECT_GE(down, seconds(30)) << "the breaker is open";
  api.up();
  settle_pod({});
  Asked log = asked();
  log.begin();
  pass(seconds(2));
  EXPECT_EQ(take(), (Said{"open", "<up>"}));
}

TEST_F(LogStreamLife, AStartWhileTheBreakerIsOpenIsToldAndWaits) {
  for (int i = 0; i < 5; ++i)
    retry.failed(kube::Failure());
  start();
  settle();
  EXPECT_EQ(take(), Said{"<down>"});
  EXPECT_NEAR(static_cast<double>(ms(down)), 31600, 1610);
  EXPECT_TRUE(quiet(seconds(29)));
  EXPECT_EQ(asked().path, "/api/v1/namespaces/default/pods/web/log");
}

TEST_F(LogStreamLife, AStreamThatEndsAtOnceWithoutAByteIsAFailure) {
  start();
  Asked log = opened();
  pass(seconds(2));
  log.end();
  settle_pod({});
  log = asked();
  log.begin();
  log.end();
  settle_pod({});
  EXPECT_EQ(take(), (Said{"open", "<down>"}));
  EXPECT_EQ(retry.breaker().failures(), 1);
}

TEST_F(LogStreamLife, WithoutFollowTheEndOfTheAnswerIsTheEnd) {
  kube::watch::LogSpec spec;
  spec.follow = false;
  start(spec);
  Asked log = asked();
  EXPECT_FALSE(log.has("follow"));
  log.reply.send(200, "text/plain", line("01", "a") + "2026-01-01T00:00:01Z b");
  settle();
  EXPECT_EQ(take(), (Said{"open", "a", "partial b", "<end>"}));
  EXPECT_EQ(ended->reason, "end of the log");
  EXPECT_FALSE(ended->failure);
  EXPECT_TRUE(quiet(base::hours(2)));
}

TEST_F(LogStreamLife, ThePreviousInstanceIsReadOnceAndACutIsToldAsOne) {
  kube::watch::LogSpec spec;
  spec.previous = true;
  start(spec);
  Asked log = asked();
  EXPECT_EQ(log.param("previous"), "true");
  EXPECT_FALSE(log.has("follow"));
  log.begin();
  log.write(line("01", "a"));
  settle();
  log.cut();
  settle();
  EXPECT_EQ(take(), (Said{"open", "a", "<end>"}));
  EXPECT_TRUE(ended->failure);
  start(spec);
  asked().fail(400, "BadRequest", "previous terminated container \"c\" in pod \"web\" not found");
  settle();
  EXPECT_EQ(take(), Said{"<end>"});
  EXPECT_EQ(ended->failure->status, 400);
}

// Bug: a peer that stopped in the middle kept the subscriber waiting for ever.
TEST_F(LogStreamLife, AOneTimeReadThatDoesNotEndIsEnded) {
  kube::watch::LogSpec spec;
  spec.previous = true;
  start(spec);
  Asked log = asked();
  log.begin();
  log.write(line("01", "a"));
  settle();
  pass(base::minutes(29));
  EXPECT_EQ(take(), (Said{"open", "a"}));
  pass(base::minutes(32));
  EXPECT_EQ(take(), Said{"<end>"});
  ASSERT_TRUE(ended->failure);
  EXPECT_EQ(ended->failure->code, base::Errc::timeout);
  EXPECT_TRUE(api.waiting.empty()) << "and not asked for again";
}

TEST_F(LogStreamLife, AServerThatFailsBeforeAOneTimeReadIsAskedAgain) {
  kube::watch::LogSpec spec;
  spec.follow = false;
  spec.tail_lines = 3;
  start(spec);
  asked().fail(503, "ServiceUnavailable", "later");
  Asked again = asked();
  EXPECT_EQ(again.param("tailLines"), "3");
  again.reply.send(200, "text/plain", line("01", "a"));
  settle();
  EXPECT_EQ(take(), (Said{"<down>", "open", "<up>", "a", "<end>"}));
}

TEST_F(LogStreamLife, ARefreshedTokenIsUsedFromTheNextRequestOn) {
  kube::watch::LogSpec spec;
  spec.credentials = kube::config::Credentials::bearer("old");
  start(spec);
  Asked log = opened();
  stream->set_credentials(kube::config::Credentials::bearer("new"));
  pass(seconds(5));
  log.cut();
  Asked look = asked();
  EXPECT_EQ(look.authorization, "Bearer new");
  look.json(Pod{}.json());
  EXPECT_EQ(asked().authorization, "Bearer new");
}

TEST_F(LogStreamLife, ItMayBeFreedStoppedOrPausedInEachCallback) {
  // What each run says in order; then it is freed at the n-th word, then stopped there.
  const auto play = [&] {
    start();
    Asked log = asked();
    log.begin();
    log.write(line("01", "a") + line("01", "b"));
    settle();
    if (!api.waiting.empty()) settle_pod({});
    log.cut();
    settle();
    if (api.waiting.empty() && quiet(seconds(2))) return;
    settle_pod({});
    asked().fail(500, "InternalError", "x");
    if (quiet(seconds(5))) return;
    settle_pod({});
    Asked again = asked();
    again.begin();
    again.write(line("09", "z"));
    settle();
    again.cut();
    if (quiet(seconds(5))) return;
    asked().fail(404, "NotFound", "gone");
    settle();
  };
  play();
  const Said all = take();
  EXPECT_EQ(all, (Said{"open", "a", "b", "<down>", "<up>", "<gap>", "z", "<gap>", "<end>"}));
  for (const bool free : {true, false}) {
    for (std::size_t n = 1; n <= all.size(); ++n) {
      SCOPED_TRACE(n);
      stream.reset();
      settle();
      api.waiting.clear();
      hook = [&](const std::string&) {
        if (said.size() != n) return;
        if (free) {
          stream.reset();
        } else {
          stream->stop();
        }
      };
      play();
      pass(base::hours(3));
      EXPECT_EQ(take(), Said(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(n)));
      hook = nullptr;
    }
  }
}

TEST_F(LogStreamLife, ItsScopesEndIsItsOwn) {
  start();
  Asked log = opened();
  EXPECT_EQ(scope.names(), Said{"the watch"});
  scope.cancel();
  EXPECT_FALSE(stream->active());
  settle();
  EXPECT_FALSE(log.connected());
  EXPECT_EQ(scope.active(), 1U) << "until it is freed";
  stream.reset();
  EXPECT_EQ(scope.active(), 0U);
  EXPECT_EQ(take(), Said{"open"});
  start();  // below a scope that was cancelled
  EXPECT_FALSE(stream->active());
  EXPECT_TRUE(quiet(base::hours(1)));
}

TEST_F(LogStreamLife, ItsStatusSaysWhereItIsAndSinceWhen) {
  start();
  EXPECT_EQ(stream->status().state, "waiting");
  Asked log = asked();
  EXPECT_EQ(stream->status().state, "connecting");
  log.begin();
  settle_pod({});
  EXPECT_EQ(stream->status().state, "open");
  EXPECT_FALSE(stream->status().last_event);
  pass(seconds(1));
  EXPECT_EQ(stream->status().state, "confirmed");
  const base::TimePoint confirmed = stream->status().since;
  pass(seconds(5));
  log.write(line("01", "a"));
  settle();
  EXPECT_EQ(stream->status().since, confirmed);
  EXPECT_GE(*stream->status().last_event, confirmed + seconds(5));
  log.cut();
  Asked look = asked();
  EXPECT_EQ(stream->status().state, "looking");
  EXPECT_FALSE(stream->status().down_since) << "a cut stream is resumed, no outage yet";
  look.fail(503, "ServiceUnavailable", "not now");
  settle();
  const kube::watch::WatchStatus down = stream->status();
  EXPECT_EQ(down.state, "waiting");
  EXPECT_EQ(down.last_error->what(), "not now");
  EXPECT_EQ(down.last_error->code(), base::Errc::unavailable);
  EXPECT_EQ(*down.next_attempt, *down.down_since + this->down);
  EXPECT_GE(this->down, seconds(2)) << "the second failure in a row";
  EXPECT_EQ(down.restarts, 0U);
  settle_pod({});
  Asked again = asked();
  again.begin();
  pass(seconds(1));
  EXPECT_FALSE(stream->status().down_since);
  EXPECT_FALSE(stream->status().next_attempt);
  EXPECT_EQ(stream->status().restarts, 1U);
  EXPECT_EQ(stream->status().last_error->what(), "not now") << "the last one, although it is over";
  stream->stop();
  EXPECT_EQ(stream->status().state, "stopped");
}

TEST_F(LogStreamLife, ClosingTheStreamClosesItsConnection) {
  start();
  Asked log = opened();
  stream->stop();
  EXPECT_FALSE(stream->active());
  settle();
  EXPECT_FALSE(log.connected());
  EXPECT_EQ(client->stats().connections, 1U) << "the idle one that the pod was looked at with";
}

}  // namespace
