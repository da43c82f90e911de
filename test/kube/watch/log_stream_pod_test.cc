// What a log stream makes of the state of its pod: restarts, ends, deletion, waiting.
#include <memory>
#include <string>
#include <vector>

#include "support/log_world.h"

namespace {

using base::seconds;
using test::Asked;
using test::Pod;

class LogStreamPod : public test::LogWorld {};

// The second instance of a container, which runs.
Pod restarted(const char* started) {
  Pod pod;
  pod.id = "cri://b";
  pod.previous = "cri://a";
  pod.restarts = 1;
  pod.started = started;
  return pod;
}

TEST_F(LogStreamPod, G5ARestartedContainerGivesTheRestOfTheOldAndThenTheNew) {
  start();
  Asked log = opened();
  log.write(line("01", "old 1"));
  settle();
  log.end();
  const Pod now = restarted("2026-01-01T00:00:09Z");
  settle_pod(now);
  Asked rest = asked();
  EXPECT_EQ(rest.param("previous"), "true");
  EXPECT_EQ(rest.param("sinceTime"), "2026-01-01T00:00:01Z");
  EXPECT_FALSE(rest.has("follow"));
  rest.reply.send(200, "text/plain",
                  line("01", "old 1") + line("02", "old 2") + "2026-01-01T00:00:02Z old 3");
  settle_pod(now);
  Asked fresh = asked();
  EXPECT_FALSE(fresh.has("previous"));
  EXPECT_FALSE(fresh.has("sinceTime"));
  EXPECT_EQ(fresh.param("follow"), "true");
  fresh.begin();
  fresh.write(line("10", "new 1"));
  settle();
  EXPECT_EQ(take(), (Said{"open", "old 1", "old 2", "partial old 3", "<restart>", "new 1"}));
  EXPECT_EQ(marker, "container restarted (restart count 1)");
}

TEST_F(LogStreamPod, G5TwoRestartsAtOnceAreAGap) {
  start();
  Asked log = opened();
  log.write(line("01", "old 1"));
  settle();
  log.cut();
  Pod now;
  now.id = "cri://c";
  now.previous = "cri://b";
  now.restarts = 2;
  now.started = "2026-01-01T00:00:09Z";
  settle_pod(now);
  Asked fresh = asked();
  EXPECT_FALSE(fresh.has("previous"));
  fresh.begin();
  settle();
  EXPECT_EQ(take(), (Said{"open", "old 1", "<gap>", "<restart>"}));
}

TEST_F(LogStreamPod, G5AnOldLogThatIsGoneIsAGap) {
  start();
  Asked log = opened();
  log.write(line("01", "old 1"));
  settle();
  log.end();
  const Pod now = restarted("2026-01-01T00:00:09Z");
  settle_pod(now);
  Asked rest = asked();
  rest.fail(400, "BadRequest", "previous terminated container \"c\" in pod \"web\" not found");
  settle_pod(now);
  Asked fresh = asked();
  EXPECT_EQ(fresh.param("follow"), "true");
  EXPECT_EQ(take(), (Said{"open", "old 1", "<gap>", "<restart>"}));
}

TEST_F(LogStreamPod, G6ACrashLoopsOldLogIsNotDeliveredAgain) {
  start();
  Pod crashed;
  crashed.state = "waiting";
  crashed.previous = "cri://a";
  Asked log = opened(crashed);
  log.write(line("01", "boom"));
  settle();
  log.end();
  settle_pod(crashed);
  Asked last = asked();  // what may have come after the first answer was begun
  EXPECT_EQ(last.param("sinceTime"), "2026-01-01T00:00:01Z");
  last.reply.send(200, "text/plain", line("01", "boom"));
  // Polled, and the log left alone.
  for (int i = 0; i < 10; ++i) {
    settle_pod(crashed);
    EXPECT_TRUE(api.waiting.empty());
  }
  EXPECT_EQ(take(), (Said{"open", "boom"}));
  Pod now;
  now.id = "cri://b";
  now.previous = "cri://a";
  now.restarts = 1;
  settle_pod(now);
  Asked fresh = asked();
  EXPECT_FALSE(fresh.has("sinceTime"));
  fresh.begin();
  fresh.write(line("30", "boom"));
  settle();
  EXPECT_EQ(take(), (Said{"<restart>", "boom"}));
  EXPECT_EQ(retry.breaker().failures(), 0);
}

TEST_F(LogStreamPod, AStreamThatWasOfTheNewInstanceAlreadyIsResumed) {
  start();
  Asked log = opened();
  log.write(line("20", "new"));
  settle();
  log.cut();
  const Pod now = restarted("2026-01-01T00:00:10Z");
  settle_pod(now);
  Asked again = asked();
  EXPECT_EQ(again.param("sinceTime"), "2026-01-01T00:00:20Z");
  EXPECT_EQ(take(), (Said{"open", "new"}));
}

// Bug: a line that the new instance wrote in the second of its start came twice without a word.
TEST_F(LogStreamPod, ALineOfTheSecondInWhichTheNewInstanceStartedComesOnce) {
  start();
  Asked old = opened();
  old.write(line("05", "old"));
  settle();
  old.cut();
  settle_pod(Pod());
  Asked log = asked();  // the container restarts now
  log.begin();
  log.write(line("20", "first") + line("20", "first"));
  settle();
  log.cut();
  const Pod now = restarted("2026-01-01T00:00:20Z");
  settle_pod(now);
  Asked rest = asked();
  EXPECT_EQ(rest.param("previous"), "true");
  rest.reply.send(200, "text/plain", line("05", "old"));
  settle_pod(now);
  Asked fresh = asked();
  EXPECT_FALSE(fresh.has("sinceTime"));
  fresh.begin();
  fresh.write(line("20", "first") + line("20", "first") + line("20", "first"));
  settle();
  EXPECT_EQ(take(), (Said{"open", "old", "<gap>", "first", "first", "<restart>", "first"}));
  fresh.cut();
  settle_pod(now);
  Asked resumed = asked();
  EXPECT_EQ(resumed.param("sinceTime"), "2026-01-01T00:00:20Z");
  resumed.begin();
  resumed.write(line("20", "first") + line("20", "first") + line("20", "first") +
                line("21", "second"));
  settle();
  EXPECT_EQ(take(), (Said{"second"}));
}

// Bug: a peer that stopped in the middle of the old instance's log kept the stream for ever.
TEST_F(LogStreamPod, TheRestOfTheOldInstanceIsAskedForAgainWhenItDoesNotEnd) {
  start();
  Asked log = opened();
  log.write(line("01", "old 1"));
  settle();
  log.end();
  const Pod now = restarted("2026-01-01T00:00:09Z");
  settle_pod(now);
  Asked stuck = asked();
  EXPECT_EQ(stuck.param("previous"), "true");
  stuck.begin();
  stuck.write(line("01", "old 1") + line("02", "old 2"));
  settle();
  pass(base::minutes(5));
  settle();
  settle_pod(now);
  Asked rest = asked();
  EXPECT_EQ(rest.param("previous"), "true");
  EXPECT_EQ(rest.param("sinceTime"), "2026-01-01T00:00:02Z");
  rest.reply.send(200, "text/plain", line("02", "old 2") + line("03", "old 3"));
  settle_pod(now);
  Asked fresh = asked();
  EXPECT_FALSE(fresh.has("previous"));
  fresh.begin();
  fresh.write(line("10", "new 1"));
  settle();
  EXPECT_EQ(take(), (Said{"open", "old 1", "old 2", "old 3", "<restart>", "new 1"}));
}

TEST_F(LogStreamPod, G7ADeletedPodEndsTheStream) {
  start();
  Asked log = opened();
  log.write(line("01", "a") + "2026-01-01T00:00:01Z cut sho");
  settle();
  log.end();
  Asked look = asked();
  look.fail(404, "NotFound", "pods \"web\" not found");
  settle();
  EXPECT_EQ(take(), (Said{"open", "a", "partial cut sho", "<end>"}));
  EXPECT_EQ(ended->reason, "pod deleted");
  EXPECT_FALSE(ended->failure);
  EXPECT_FALSE(stream->active());
  EXPECT_TRUE(quiet(base::hours(2)));
}

TEST_F(LogStreamPod, G7AnotherPodOfTheSameNameIsNotAttached) {
  start();
  Asked log = opened();
  log.write(line("01", "a"));
  settle();
  log.end();
  Pod other;
  other.uid = "u2";
  settle_pod(other);
  EXPECT_EQ(take(), (Said{"open", "a", "<end>"}));
  EXPECT_EQ(ended->reason, "pod deleted; a new pod has its name");
  EXPECT_TRUE(quiet(base::hours(2)));
}

TEST_F(LogStreamPod, G8ARefusalOfTheRequestIsToldInTheServersWords) {
  start();
  Asked log = asked();
  log.fail(400, "BadRequest", "container c is not valid for pod web");
  Pod pod;
  pod.container = "other";
  settle_pod(pod);
  EXPECT_EQ(take(), Said{"<end>"});
  EXPECT_EQ(ended->reason, "container c is not valid for pod web");
  EXPECT_EQ(ended->failure->status, 400);
  EXPECT_TRUE(quiet(base::hours(2)));
}

TEST_F(LogStreamPod, AMissingPodAForbiddenLogAndAnUnknownCallerAreRefusedAtOnce) {
  for (int code : {401, 403, 404, 422}) {
    start();
    Asked log = asked();
    log.fail(code, "", "no " + std::to_string(code));
    settle();
    EXPECT_EQ(take(), Said{"<end>"});
    EXPECT_EQ(ended->reason, "no " + std::to_string(code));
    EXPECT_EQ(ended->failure->status, code);
  }
  EXPECT_EQ(retry.breaker().failures(), 0);
  EXPECT_TRUE(quiet(base::hours(2)));
}

TEST_F(LogStreamPod, G9AContainerThatHasNotStartedIsWaitedFor) {
  kube::watch::LogSpec spec;
  spec.tail_lines = 5;
  for (const bool unscheduled : {true, false}) {
    start(spec);
    Asked log = asked();
    if (unscheduled) {
      log.reply.send(204, "", "");
    } else {
      log.fail(400, "BadRequest",
               "container \"c\" in pod \"web\" is waiting to start: ContainerCreating");
      settle_pod(test::waiting_pod());
    }
    settle();
    EXPECT_EQ(take(), Said{"open"});
    base::TimePoint before = loop.now();
    for (int gap : {2, 4, 8, 10, 10}) {
      Asked look = asked();
      EXPECT_NEAR(static_cast<double>(ms(look.at - before)), gap * 1000, 20);
      before = look.at;
      look.json(test::waiting_pod().json());
    }
    settle_pod({});
    Asked again = asked();
    EXPECT_EQ(again.param("tailLines"), "5") << "nothing of it was answered before";
    again.begin();
    again.write(line("01", "hello"));
    settle();
    EXPECT_EQ(take(), Said{"hello"});
    stream.reset();
    settle();
    EXPECT_FALSE(again.connected());
  }
  EXPECT_EQ(retry.breaker().failures(), 0);
}

TEST_F(LogStreamPod, A400OfAContainerThatRunsNowIsTriedOnceMore) {
  start();
  asked().fail(400, "BadRequest", "waiting to start");
  settle_pod({});
  settle_pod({});
  Asked again = asked();
  again.fail(400, "BadRequest", "still no");
  settle_pod({});
  EXPECT_EQ(take(), Said{"<end>"});
  EXPECT_EQ(ended->reason, "still no");
}

TEST_F(LogStreamPod, G12TheLastLineWithoutAnEndIsDeliveredOnce) {
  start();
  Asked log = opened();
  log.write(line("01", "working") + "2026-01-01T00:00:02Z done");
  settle();
  EXPECT_EQ(take(), (Said{"open", "working"}));
  log.end();
  Pod over;
  over.state = "terminated";
  over.policy = "Never";
  over.phase = "Succeeded";
  settle_pod(over);
  Asked last = asked();
  EXPECT_EQ(last.param("sinceTime"), "2026-01-01T00:00:01Z");
  last.begin();
  last.write(line("01", "working") + "2026-01-01T00:00:02Z done");
  last.end();
  settle_pod(over);
  EXPECT_EQ(take(), (Said{"partial done", "<end>"}));
  EXPECT_EQ(ended->reason, "container finished with exit code 0 (Completed)");
  EXPECT_TRUE(quiet(base::hours(2)));
}

TEST_F(LogStreamPod, TheLogOfAnEndedContainerThatIsThrownAwayIsTheEnd) {
  start();
  Asked log = opened();
  log.write(line("01", "a"));
  settle();
  log.end();
  Pod over;
  over.state = "terminated";
  over.policy = "OnFailure";
  settle_pod(over);
  asked().fail(400, "BadRequest", "container \"c\" in pod \"web\" is not available");
  settle_pod(over);
  EXPECT_EQ(take(), (Said{"open", "a", "<end>"}));
  EXPECT_FALSE(ended->failure);
}

}  // namespace
