// A reflector that is stopped, freed or started again, wherever it is.
#include <algorithm>

#include "support/reflector_world.h"

namespace {

using test::Asked;
using test::bookmark;
using test::frame;
using test::list;
using test::object;

using base::seconds;
using kube::watch::Reflector;

class ReflectorLife : public test::ReflectorWorld {};

TEST_F(ReflectorLife, W24MayBeFreedOrStoppedInEachCallback) {
  const auto play = [&] {
    start();
    asked_list().json(list("10", {object("a", "1"), object("b", "2")}));
    if (quiet(seconds(5))) return;
    Asked watch = asked_watch("10");
    watch.begin();
    watch.write(frame("ADDED", object("c", "11")) + frame("DELETED", object("c", "12")) +
                frame("ADDED", object("a", "13", "other")));
    settle();
    watch.write("garbage");
    if (quiet(seconds(5))) return;
    watch = asked_watch("13");
    watch.begin();
    watch.write(bookmark("14") + frame("ERROR", test::status_text(410, "Gone", "x")));
    if (quiet(seconds(5))) return;
    asked_list().json(list("20", {object("a", "13", "other")}));
    if (quiet(seconds(5))) return;
    asked_watch("20").fail(404, "NotFound", "no");
    if (quiet(seconds(40))) return;
    asked_list().fail(400, "BadRequest", "no");
    settle();
  };
  play();
  const Said all = take();
  EXPECT_EQ(all, (Said{"+ns/a=1", "+ns/b=2", "<synced>", "+ns/c=11", "-ns/c=12", "-ns/a=1",
                       "+ns/a=13", "<down>", "<up>", "-ns/b=2", "<denied 404>", "<down>"}));
  for (const bool free : {true, false}) {
    for (std::size_t n = 1; n <= all.size(); ++n) {
      SCOPED_TRACE(n);
      reflector.reset();
      settle();
      api.waiting.clear();
      hook = [&](const std::string&) {
        if (said.size() != n) return;
        if (free) {
          reflector.reset();
        } else {
          reflector->stop();
        }
      };
      play();
      EXPECT_TRUE(quiet(base::hours(3)));
      EXPECT_EQ(take(), Said(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(n)));
      hook = nullptr;
    }
  }
}

TEST_F(ReflectorLife, StoppedInTheMiddleOfAListAndStartedAgainInsideTheCallback) {
  start();
  hook = [&](const std::string& what) {
    if (what != "+ns/a=1") return;
    reflector->stop();
    reflector->start();
  };
  asked_list().json(list("10", {object("a", "1"), object("b", "2")}));
  asked_list().json(list("20", {object("a", "1")}));
  asked_watch("20");
  EXPECT_EQ(take(), (Said{"+ns/a=1", "<synced>"}));
  EXPECT_EQ(stored(), "ns/a=1");
}

TEST_F(ReflectorLife, StartedAgainAfterAStopItGoesOnFromItsCursor) {
  Asked watch = confirmed();
  reflector->stop();
  EXPECT_EQ(reflector->state(), Reflector::State::stopped);
  settle();
  EXPECT_FALSE(watch.connected());
  EXPECT_EQ(stored(), "ns/a=1 ns/b=2");
  reflector->start();
  watch = asked_watch("11");
  watch.begin();
  watch.write(frame("MODIFIED", object("a", "12")));
  settle();
  EXPECT_EQ(take(), Said{"~ns/a=12"});
}

TEST_F(ReflectorLife, EndsWithTheScopeAboveItAndDoesNotStartUnderACancelledOne) {
  Asked watch = confirmed();
  EXPECT_EQ(scope.names(), std::vector<std::string>{"the watch"});
  scope.cancel();
  EXPECT_EQ(reflector->state(), Reflector::State::stopped);
  EXPECT_EQ(scope.active(), 0U);
  settle();
  EXPECT_FALSE(watch.connected());
  reflector->start();
  EXPECT_EQ(reflector->state(), Reflector::State::stopped);
  EXPECT_TRUE(quiet(base::hours(3)));
  EXPECT_EQ(take(), Said{});
}

TEST_F(ReflectorLife, ItsStatusSaysWhatItDoesAndWhyItIsDown) {
  Asked watch = confirmed();
  kube::watch::WatchStatus status = reflector->status();
  EXPECT_EQ(status.state, "confirmed");
  EXPECT_EQ(status.resource_version, "11");
  EXPECT_EQ(status.lists, 1U);
  EXPECT_EQ(status.restarts, 0U);
  EXPECT_TRUE(status.last_event && *status.last_event == status.since);
  EXPECT_FALSE(status.down_since || status.next_attempt || status.last_error);
  pass(seconds(5));
  watch.write(frame("ERROR", test::status_text(503, "ServiceUnavailable", "etcd has no leader")));
  settle();
  status = reflector->status();
  EXPECT_EQ(status.state, "waiting");
  EXPECT_EQ(status.down_since, status.since);
  EXPECT_EQ(*status.next_attempt - status.since, down);
  EXPECT_EQ(status.last_error->code(), base::Errc::unavailable);
  watch = asked_watch("11");
  watch.begin();
  watch.write(bookmark("12"));
  settle();
  status = reflector->status();
  EXPECT_EQ(status.restarts, 1U);
  EXPECT_FALSE(status.down_since || status.next_attempt);
  EXPECT_TRUE(status.last_error) << "why it was down last";
  reflector->stop();
  EXPECT_EQ(reflector->status().state, "stopped");
}

}  // namespace
