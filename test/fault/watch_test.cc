// Faults of watches (W21, W22, W25-W30, H17) that are not in reflector_*_test.cc, by the whole
// client stack.
#include <list>

#include "base/log.h"
#include "support/reflector_world.h"

namespace {

using base::milliseconds;
using base::minutes;
using base::seconds;
using kube::watch::Reflector;
using test::Asked;
using test::bookmark;
using test::frame;
using test::list;
using test::object;
using test::status_text;

class FaultWatch : public test::ReflectorWorld {
 protected:
  int failures() const { return retry.breaker().failures(); }
};

TEST_F(FaultWatch, W22StreamsThatAreCutTogetherComeBackStaggered) {
  test::ReflectorOwner owner;
  std::list<kube::watch::Retry> retries;
  std::list<test::ReflectorSlot> many;
  for (int i = 0; i < 5; ++i) {
    retries.emplace_back("watch " + std::to_string(i), retry_parameters, loop);
    many.emplace_back(loop);
    many.back().make(kube::Context{loop, *client, scope}, retries.back(), owner, spec());
    many.back()->start();
  }
  std::vector<Asked> open;
  while (open.size() < 5) {
    Asked ask = asked();
    if (ask.is_watch()) {
      ask.begin();
      ask.write(bookmark("11"));
      open.push_back(std::move(ask));
    } else {
      ask.json(list("10", {}));
    }
  }
  pass(seconds(5));
  const base::TimePoint died = loop.now();
  for (Asked& one : open)
    one.cut();
  std::vector<base::TimePoint> starts;
  for (int i = 0; i < 5; ++i) {
    Asked ask = asked(seconds(2));
    EXPECT_EQ(ask.param("resourceVersion"), "11");
    starts.push_back(ask.at);
    ask.begin();
  }
  EXPECT_GE(starts.front() - died, milliseconds(999)) << "a connection that failed waits";
  EXPECT_LE(starts.back() - died, milliseconds(1210));
  EXPECT_GE(starts.back() - starts.front(), milliseconds(30)) << "not all at once";
  for (std::size_t i = 1; i < 5; ++i)
    EXPECT_NE(starts[i], starts[i - 1]);
}

TEST_F(FaultWatch, W25AStreamWithoutAByteIsClosedTenSecondsAfterItsTimeAndCountsOnce) {
  Asked watch = synced();
  const base::Duration timeout = seconds(std::stoi(watch.param("timeoutSeconds")));
  ASSERT_TRUE(run_until([&] { return !said.empty(); }));
  EXPECT_EQ(base::to_ms(loop.now() - watch.at) / 1000, base::to_ms(timeout) / 1000 + 10);
  EXPECT_EQ(take(), Said{"<down>"});
  EXPECT_EQ(failures(), 1);
  asked_watch("10");
}

// ---- the first state streamed

std::string initial_events_end(std::string_view version) {
  return frame("BOOKMARK", R"({"metadata":{"resourceVersion":")" + std::string(version) +
                               R"(","annotations":{"k8s.io/initial-events-end":"true"}}})");
}

class FaultStreamedList : public FaultWatch {
 protected:
  Asked asked_streamed_list() {
    Asked ask = asked();
    EXPECT_TRUE(ask.is_watch());
    EXPECT_EQ(ask.param("sendInitialEvents"), "true");
    EXPECT_EQ(ask.param("resourceVersionMatch"), "NotOlderThan");
    EXPECT_EQ(ask.param("allowWatchBookmarks"), "true");
    EXPECT_FALSE(ask.has("resourceVersion"));
    return ask;
  }
  void begin() {
    client->set_streams_lists(true);
    start();
  }
};

TEST_F(FaultStreamedList, W26AStreamedListThatDiesBeforeItsEndIsDroppedAndAskedForAgain) {
  begin();
  Asked streamed = asked_streamed_list();
  streamed.begin();
  streamed.write(frame("ADDED", object("z", "9")) + frame("ADDED", object("a", "5")));
  pass(seconds(3));
  EXPECT_EQ(take(), Said{}) << "nothing of it is told";
  EXPECT_NE(reflector->state(), Reflector::State::confirmed);
  streamed.cut();
  settle();
  EXPECT_EQ(take(), Said{"<down>"});
  EXPECT_EQ(failures(), 1);
  EXPECT_EQ(stored(), "");
  streamed = asked_streamed_list();
  streamed.begin();
  streamed.write(frame("ADDED", object("b", "7")) + frame("ADDED", object("a", "5")) +
                 bookmark("8"));
  settle();
  EXPECT_EQ(take(), Said{}) << "a bookmark, but not the end";
  streamed.write(initial_events_end("10") + frame("MODIFIED", object("a", "11")));
  settle();
  Said told = take();
  std::sort(told.begin(), told.begin() + 2);
  EXPECT_EQ(told, (Said{"+ns/a=5", "+ns/b=7", "<synced>", "<up>", "~ns/a=11"}));
  EXPECT_EQ(reflector->state(), Reflector::State::confirmed);
  EXPECT_EQ(failures(), 0);
  // It is an ordinary watch from here on, resumed like one.
  pass(seconds(2));
  streamed.end();
  Asked watch = asked_watch("11");
  watch.begin();
  // And a streamed list after a 410 tells the difference only.
  watch.write(frame("ERROR", status_text(410, "Expired", "x")));
  streamed = asked_streamed_list();
  streamed.begin();
  streamed.write(frame("ADDED", object("a", "11")) + frame("ADDED", object("c", "12")) +
                 initial_events_end("13"));
  settle();
  EXPECT_EQ(take(), (Said{"+ns/c=12", "-ns/b=7"}));
  EXPECT_EQ(stored(), "ns/a=11 ns/c=12");
}

TEST_F(FaultStreamedList, W27AServerThatIgnoresTheOptionIsListedAfterTheDeadline) {
  begin();
  Asked streamed = asked_streamed_list();
  streamed.begin();
  streamed.write(frame("ADDED", object("a", "5")));  // an ordinary watch: no end ever comes
  Asked page = asked_list();
  EXPECT_EQ(base::to_ms(page.at - streamed.at) / 1000, 60);
  EXPECT_FALSE(streamed.connected());
  page.json(list("10", {object("a", "5")}));
  asked_watch("10");
  EXPECT_EQ(take(), (Said{"+ns/a=5", "<synced>"}));
  EXPECT_EQ(failures(), 0);
  EXPECT_FALSE(client->streams_lists()) << "for all watches of this server";
}

TEST_F(FaultStreamedList, W28A422FallsBackToPagesForGood) {
  for (const bool in_stream : {false, true}) {
    begin();
    Asked streamed = asked_streamed_list();
    if (in_stream) {
      streamed.begin();
      streamed.write(frame("ERROR", status_text(422, "Invalid", "sendInitialEvents is forbidden")));
    } else {
      streamed.fail(422, "Invalid", "sendInitialEvents: Forbidden: the WatchList gate is off");
    }
    Asked page = asked_list();
    EXPECT_LE(base::to_ms(page.at - streamed.at), 10);
    page.json(list("10", {object("a", "5")}));
    Asked watch = asked_watch("10");
    watch.begin();
    watch.write(frame("ERROR", status_text(410, "Expired", "x")));
    asked_list();  // and the next time, too
    EXPECT_EQ(failures(), 0);
    reflector.reset();
    settle();
    api.waiting.clear();
    take();
  }
}

// It took the whole first state away, again and again.
TEST_F(FaultStreamedList, AnObjectThatCannotBeReadCostsItselfAndIsNotTakenForGone) {
  begin();
  Asked streamed = asked_streamed_list();
  streamed.begin();
  std::string broken = object("b", "7");
  broken.insert(broken.size() - 1, ",\"bad\":tru");
  streamed.write(frame("ADDED", object("a", "5")) + frame("ADDED", broken) +
                 initial_events_end("10"));
  settle();
  EXPECT_EQ(take(), (Said{"+ns/a=5", "<synced>"}));
  EXPECT_EQ(failures(), 0);
  streamed.write(frame("MODIFIED", object("b", "11")) +
                 frame("ERROR", status_text(410, "Expired", "x")));
  settle();
  EXPECT_EQ(take(), Said{"+ns/b=11"});
  streamed = asked_streamed_list();
  streamed.begin();
  streamed.write(frame("ADDED", broken) + initial_events_end("13"));
  settle();
  EXPECT_EQ(take(), Said{"-ns/a=5"});
  EXPECT_EQ(stored(), "ns/b=11") << "as it was seen last";
  streamed.write(frame("ERROR", status_text(410, "Expired", "x")));
  streamed = asked_streamed_list();
  streamed.begin();
  streamed.write(frame("ADDED", "{\"metadata\":{\"name\":\"\xff\"}}") + initial_events_end("15"));
  settle();
  EXPECT_EQ(take(), Said{}) << "without its name it may be any of ours";
}

TEST_F(FaultStreamedList, EventsAreListedInPages) {
  client->set_streams_lists(true);
  kube::watch::ReflectorSpec s = spec();
  s.events = true;
  start(s);
  asked_list();
}

TEST_F(FaultStreamedList, AFailureOfAnotherKindIsTriedAgainAsItWas) {
  begin();
  asked_streamed_list().fail(429, "TooManyRequests", "busy", "Retry-After: 3\r\n");
  settle();
  EXPECT_GE(down, seconds(3));
  asked_streamed_list();
}

TEST_F(FaultWatch, W29ADeletedCrdIsAskedForSlowlyAndFoundAgain) {
  kube::Discovery discovery(loop, *client);
  Asked watch = confirmed();
  take();
  reflector.make(kube::Context{loop, *client, scope, &discovery}, retry, *this, spec());
  // What discovery knows is kept for minutes …
  struct Ask {
    void note(kube::DiscoveryQuery::Outcome outcome) { served = outcome.group.served; }
    bool served = false;
  } answer;
  kube::DiscoveryQuery query(discovery, kube::DiscoveryQuery::Fn::bind<&Ask::note>(&answer));
  query.start("", "v1", kube::config::Credentials::configured());
  asked().json(R"({"kind":"APIResourceList","resources":[]})");
  settle();
  EXPECT_TRUE(answer.served);
  reflector->start();
  asked_list().json(list("10", {object("a", "1"), object("b", "2")}));
  watch = asked_watch("10");
  watch.begin();
  watch.write(frame("DELETED", object("a", "12")) + frame("DELETED", object("b", "13")));
  pass(seconds(2));
  watch.end();
  asked_watch("13").fail(404, "NotFound", "the server could not find the requested resource");
  settle();
  EXPECT_EQ(take(),
            (Said{"+ns/a=1", "+ns/b=2", "<synced>", "-ns/a=12", "-ns/b=13", "<denied 404>"}));
  // … and forgotten at the 404: it is asked for anew.
  query.start("", "v1", kube::config::Credentials::configured());
  Asked rediscovery = asked(seconds(1));
  EXPECT_EQ(rediscovery.path, "/api/v1");
  rediscovery.json(R"({"kind":"APIResourceList","resources":[]})");
  const base::TimePoint refused = loop.now();
  Asked again = asked_list();
  EXPECT_GE(again.at - refused, seconds(29));
  again.fail(404, "NotFound", "not yet");
  const base::TimePoint twice = again.at;
  again = asked_list();
  EXPECT_GE(again.at - twice, seconds(60));
  again.json(list("20", {object("a", "19", "new")}));
  watch = asked_watch("20");
  watch.begin();
  watch.write(bookmark("21"));
  settle();
  EXPECT_EQ(take(), (Said{"<denied 404>", "+ns/a=19", "<up>"}));
  EXPECT_EQ(failures(), 0);
}

TEST_F(FaultWatch, W30AnObjectOfAnotherKindIsSkippedLoggedAndMovesNoCursor) {
  kube::watch::ReflectorSpec s = spec();
  s.kind = "Pod";
  Asked watch = synced(s);
  std::string log;
  base::log::capture(&log);
  watch.write(frame("ADDED", R"({"kind":"Pod","metadata":{"namespace":"ns","name":"c",)"
                             R"("uid":"c","resourceVersion":"11"},"v":"11"})") +
              frame("MODIFIED", R"({"kind":"Table","metadata":{"namespace":"ns","name":"a",)"
                                R"("uid":"uid-a","resourceVersion":"99999999"},"v":"12"})") +
              frame("BOOKMARK", R"({"kind":"Table","metadata":{"resourceVersion":"99999999"}})"));
  settle();
  base::log::capture(nullptr);
  EXPECT_EQ(take(), Said{"+ns/c=11"});
  EXPECT_EQ(stored(), "ns/a=1 ns/b=2 ns/c=11");
  EXPECT_NE(log.find("\"kind\":\"Table\""), std::string::npos) << log;
  EXPECT_EQ(reflector->status().resource_version, "11") << "client-go moves it neither";
  EXPECT_TRUE(watch.connected());
}

// Bug: a change of no object was dropped without a word, and moved the cursor.
TEST_F(FaultWatch, AChangeOfNoObjectIsUndecodable) {
  Asked watch = synced();
  for (const char* const body : {R"({"metadata":{"namespace":"ns","resourceVersion":"99"}})", "{}",
                                 R"({"kind":"Pod","metadata":{}})"}) {
    watch.write(frame("MODIFIED", body));
    settle();
    EXPECT_FALSE(watch.connected()) << body;
    EXPECT_NE(last.message.find("without an object's name"), std::string::npos) << body;
    watch = asked();
    if (!watch.is_watch()) break;
    EXPECT_EQ(watch.param("resourceVersion"), "10") << body;
    watch.begin();
  }
  EXPECT_FALSE(watch.is_watch()) << "after the third it is listed anew";
  EXPECT_EQ(stored(), "ns/a=1 ns/b=2");
}

// Bug: a Status in another frame than ERROR was taken for an object.
TEST_F(FaultWatch, AStatusInAnyFrameIsTheApiServersWord) {
  Asked watch = synced(spec());
  watch.write(frame("ADDED", status_text(410, "Expired", "x")));
  settle();
  EXPECT_FALSE(watch.connected());
  asked_list().json(list("20", {object("a", "1"), object("b", "2")}));
}

// Bug: a server that ignores selectors gave the subscribers of one object those of all.
TEST_F(FaultWatch, OnlyWhatWasAskedForIsTaken) {
  kube::watch::ReflectorSpec s = spec();
  s.field_selector = "metadata.name=a";
  start(s);
  asked_list().json(list("10", {object("a", "1"), object("b", "2")}));
  settle();
  take();
  EXPECT_EQ(stored(), "ns/a=1");
  Asked watch = asked_watch("10");
  watch.begin();
  watch.write(
      frame("MODIFIED", object("b", "11")) + frame("DELETED", object("b", "12")) +
      frame("MODIFIED", R"({"metadata":{"namespace":"other","name":"a","resourceVersion":"13"}})") +
      frame("MODIFIED", object("a", "14")));
  settle();
  EXPECT_EQ(take(), Said{"~ns/a=14"});
  EXPECT_EQ(stored(), "ns/a=14");
  EXPECT_EQ(reflector->status().resource_version, "14");
}

TEST_F(FaultWatch, H17BehindABufferingProxyTheHeadsOfEventWatchesAreWaitedForToTheEnd) {
  kube::watch::ReflectorSpec s = spec();
  s.events = true;
  start(s);
  asked_list().json(list("10", {object("a", "1")}));
  Asked held = asked_watch("10");
  // Twice no head comes in 90 s, while the list between them does.
  for (int i = 0; i < 2; ++i) {
    settle();
    Asked page = asked_list();
    EXPECT_EQ(base::to_ms(page.at - held.at) / 1000 / 10, 9) << "90 s and the backoff";
    page.json(list("20", {object("a", "1")}));
    held = asked_watch("20");
  }
  EXPECT_EQ(failures(), 2);
  take();
  // The third is waited for: its head comes with its end.
  const base::Duration timeout = seconds(std::stoi(held.param("timeoutSeconds")));
  EXPECT_TRUE(quiet(timeout - milliseconds(500)));
  held.begin();
  held.end();
  Asked next = asked_watch("20");
  EXPECT_EQ(failures(), 0) << "a quiet stream that ended in its time";
  EXPECT_EQ(take(), Said{"<up>"});
  // An event brings the head at once.
  pass(seconds(100));
  next.begin();
  next.write(frame("ADDED", object("b", "21")));
  settle();
  EXPECT_EQ(take(), Said{"+ns/b=21"});
  // Nothing at all to the very end: a failure, and 90 s again.
  next.end();
  held = asked_watch("21");
  ASSERT_TRUE(says("<down>", minutes(10)));
  EXPECT_GE(base::to_ms(loop.now() - held.at), 1000 * 200);
  held = asked_watch("21");
  take();
  ASSERT_TRUE(says("<down>", minutes(10)));
  EXPECT_EQ(base::to_ms(loop.now() - held.at) / 1000, 90);
}

}  // namespace
