// The reflector's copy of a collection and what it tells: lists, frames, resumes, relists and their
// diff.
#include <set>

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

class ReflectorTest : public test::ReflectorWorld {};

TEST_F(ReflectorTest, ListsThenWatchesFromTheListsVersion) {
  kube::watch::ReflectorSpec s = spec();
  s.field_selector = "a=b";
  s.label_selector = "c";
  s.credentials = kube::config::Credentials::bearer("tok");
  start(s);
  Asked ask = asked_list();
  EXPECT_EQ(ask.param("fieldSelector"), "a=b");
  EXPECT_EQ(ask.param("labelSelector"), "c");
  EXPECT_EQ(ask.authorization, "Bearer tok");
  EXPECT_EQ(reflector->state(), Reflector::State::listing);
  ask.json(list("10", {object("a", "1")}));
  Asked watch = asked_watch("10");
  EXPECT_EQ(watch.param("allowWatchBookmarks"), "true");
  EXPECT_EQ(watch.param("fieldSelector"), "a=b");
  EXPECT_EQ(watch.param("labelSelector"), "c");
  EXPECT_EQ(watch.authorization, "Bearer tok");
  EXPECT_FALSE(watch.has("resourceVersionMatch"));
  EXPECT_GE(std::stoi(watch.param("timeoutSeconds")), 270);
  EXPECT_LE(std::stoi(watch.param("timeoutSeconds")), 330);
  EXPECT_EQ(reflector->state(), Reflector::State::connecting);
  EXPECT_EQ(take(), (Said{"+ns/a=1", "<synced>"}));
  EXPECT_TRUE(reflector->synced());
  watch.begin();
  settle();
  EXPECT_EQ(reflector->state(), Reflector::State::open);
  pass(seconds(1));
  EXPECT_EQ(reflector->state(), Reflector::State::confirmed);
  watch.write(frame("ADDED", object("b", "11")) + frame("MODIFIED", object("a", "12")) +
              frame("DELETED", object("b", "13")));
  settle();
  EXPECT_EQ(take(), (Said{"+ns/b=11", "~ns/a=12", "-ns/b=13"}));
  EXPECT_EQ(stored(), "ns/a=12");
  EXPECT_EQ(reflector->lists(), 1U);
  EXPECT_EQ(reflector->watches(), 1U);
}

TEST_F(ReflectorTest, WatchesOfEventsAreShorter) {
  kube::watch::ReflectorSpec s = spec();
  s.events = true;
  start(s);
  asked_list().json(list("10", {}));
  for (int i = 0; i < 20; ++i) {
    Asked watch = asked_watch("10");
    EXPECT_GE(std::stoi(watch.param("timeoutSeconds")), 200);
    EXPECT_LE(std::stoi(watch.param("timeoutSeconds")), 240);
    watch.begin();
    pass(seconds(100));
    watch.end();
  }
}

TEST_F(ReflectorTest, AWatchTimeoutThatWasSetHoldsForEveryKindAndVariesByAFifth) {
  client->set_watch_timeout(seconds(10));
  kube::watch::ReflectorSpec s = spec();
  s.events = true;
  start(s);
  asked_list().json(list("10", {}));
  std::set<int> seen;
  for (int i = 0; i < 40; ++i) {
    Asked watch = asked_watch("10");
    seen.insert(std::stoi(watch.param("timeoutSeconds")));
    watch.begin();
    pass(seconds(10));
    watch.end();
  }
  EXPECT_EQ(seen, (std::set<int>{10, 11, 12}));
  // Our own deadline goes with it.
  Asked silent = asked_watch("10");
  silent.begin();
  pass(seconds(std::stoi(silent.param("timeoutSeconds")) + 9));
  EXPECT_EQ(reflector->state(), Reflector::State::confirmed);
  pass(seconds(2));
  EXPECT_NE(reflector->state(), Reflector::State::confirmed);
}

TEST_F(ReflectorTest, H01EveryByteIsAPlaceToCut) {
  const std::vector<std::string> frames{frame("ADDED", object("c", "11")), bookmark("12"),
                                        frame("MODIFIED", object("a", "13")),
                                        frame("DELETED", object("b", "14"))};
  std::string all;
  for (const std::string& one : frames)
    all += one;
  for (std::size_t cut = 0; cut <= all.size(); ++cut) {
    SCOPED_TRACE(cut);
    Asked watch = synced();
    if (cut > 0) watch.write(all.substr(0, cut));
    pass(seconds(2));
    if (cut % 2) {
      watch.cut();
    } else {
      watch.end();
    }
    // The server goes on after the last whole frame.
    std::size_t whole = 0, n = 0;
    while (n < frames.size() && whole + frames[n].size() - 1 <= cut)
      whole += frames[n++].size();
    Asked again = asked_watch(n == 0 ? "10" : std::to_string(10 + n));
    again.begin();
    for (; n < frames.size(); ++n)
      again.write(frames[n]);
    pass(seconds(1));
    EXPECT_EQ(take(), (Said{"+ns/c=11", "~ns/a=13", "-ns/b=14"}));
    EXPECT_EQ(stored(), "ns/a=13 ns/c=11");
    EXPECT_EQ(retry.breaker().failures(), 0);
    reflector.reset();
    settle();
    api.waiting.clear();
  }
}

TEST_F(ReflectorTest, W01ACleanEndAtItsTimeIsResumedAtOnceWithoutList) {
  Asked watch = synced();
  for (int i = 0; i < 7; ++i) {  // less than kAuditMin altogether: no list is due
    pass(seconds(250));
    const base::TimePoint ended = loop.now();
    watch.end();
    watch = asked_watch("10");
    EXPECT_LT(ms(watch.at - ended), 10);
    watch.begin();
  }
  EXPECT_EQ(retry.backoff().failures(), 0U);
  EXPECT_EQ(reflector->lists(), 1U);
  EXPECT_EQ(take(), Said{});
}

TEST_F(ReflectorTest, W02StreamsOfOneEventStartAtMostEverySecondAndThenLessOften) {
  Asked watch = synced();
  base::TimePoint before = watch.at;
  for (int i = 11; i < 41; ++i) {
    watch.write(frame("MODIFIED", object("a", std::to_string(i))));
    pass(base::milliseconds(50));
    watch.end();
    watch = asked_watch(std::to_string(i));
    // And a fifth more at the most.
    const std::int64_t floor = i <= 20 ? 1000 : 5000;
    EXPECT_GE(ms(watch.at - before), floor - 1) << i;
    EXPECT_LE(ms(watch.at - before), floor * 12 / 10 + 10) << i;
    before = watch.at;
    watch.begin();
  }
  EXPECT_EQ(said.size(), 30U);
  EXPECT_EQ(retry.breaker().failures(), 0);
  // It gets calmer: the floor is back.
  pass(minutes(4));
  watch.end();
  watch = asked_watch("40");
  watch.begin();
  before = watch.at;
  watch.write(bookmark("50"));
  settle();
  watch.end();
  EXPECT_NEAR(static_cast<double>(ms(asked_watch("50").at - before)), 1100, 110);
}

TEST_F(ReflectorTest, W13BookmarksMoveTheCursorOfAQuietWatch) {
  Asked watch = synced();
  for (int i = 0; i < 4; ++i) {
    pass(minutes(1));
    watch.write(bookmark(std::to_string(100 + i)));
  }
  settle();
  watch.cut();
  asked_watch("103").begin();
  EXPECT_EQ(take(), Said{});
  EXPECT_EQ(reflector->lists(), 1U);
}

TEST_F(ReflectorTest, W14OfABookmarkOnlyTheVersionCounts) {
  Asked watch = synced();
  watch.write(frame(
      "BOOKMARK",
      R"({"metadata":{"name":"a","namespace":"ns","resourceVersion":"20","annotations":{"x":"y"}},"spec":{"a":1}})"));
  settle();
  EXPECT_EQ(take(), Said{});
  pass(seconds(1));
  watch.end();
  asked_watch("20");
}

TEST_F(ReflectorTest, W15AnEventWithoutAVersionIsAppliedAndMovesNothing) {
  Asked watch = synced();
  watch.write(frame("ADDED", object("c", "")) + frame("MODIFIED", object("c", "")));
  settle();
  EXPECT_EQ(take(), (Said{"+ns/c=?", "~ns/c=?"}));
  pass(seconds(1));
  watch.end();
  asked_watch("10");
}

TEST_F(ReflectorTest, W16AListWithoutAVersionIsNoPlaceToWatchFrom) {
  for (const char* version : {"", "0"}) {
    start();
    asked_list().json(list(version, {object("a", "1")}));
    settle();
    EXPECT_EQ(take(), (Said{"+ns/a=1", "<down>"}));
    EXPECT_EQ(last.code, base::Errc::protocol);
    EXPECT_FALSE(reflector->synced());
    asked_list();
    reflector.reset();
    take();
  }
}

TEST_F(ReflectorTest, W17TheLastEventThatComesAgainIsNotToldAgain) {
  Asked watch = synced();
  watch.write(frame("MODIFIED", object("a", "11")));
  pass(seconds(2));
  watch.cut();
  watch = asked_watch("11");
  watch.begin();
  watch.write(frame("MODIFIED", object("a", "11")) + frame("MODIFIED", object("a", "12")));
  settle();
  EXPECT_EQ(take(), (Said{"~ns/a=11", "~ns/a=12"}));
}

TEST_F(ReflectorTest, W18KnownAndUnknownKeys) {
  Asked watch = synced();
  watch.write(frame("MODIFIED", object("x", "11")) + frame("ADDED", object("a", "12")) +
              frame("DELETED", object("unknown", "13")));
  pass(seconds(1));
  EXPECT_EQ(take(), (Said{"+ns/x=11", "~ns/a=12"}));
  watch.end();
  asked_watch("13");
}

TEST_F(ReflectorTest, W19ADeletionMovesTheCursor) {
  Asked watch = synced();
  watch.write(frame("DELETED", object("a", "11")));
  pass(seconds(1));
  watch.end();
  asked_watch("11");
  EXPECT_EQ(take(), Said{"-ns/a=11"});
  EXPECT_EQ(stored(), "ns/b=2");
}

TEST_F(ReflectorTest, W20WhatLeavesTheSelectionIsDeleted) {
  kube::watch::ReflectorSpec s = spec();
  s.label_selector = "app=x";
  Asked watch = synced(s);
  watch.write(frame("DELETED", object("a", "11")) + frame("ADDED", object("a", "12")));
  settle();
  EXPECT_EQ(take(), (Said{"-ns/a=11", "+ns/a=12"}));
}

TEST_F(ReflectorTest, AnObjectThatWasMadeAgainIsDeletedFirst) {
  Asked watch = synced();
  watch.write(frame("ADDED", object("a", "11", "another")));
  settle();
  EXPECT_EQ(take(), (Said{"-ns/a=1", "+ns/a=11"}));
}

TEST_F(ReflectorTest, W23TenThousandEventsAtOnce) {
  Asked watch = synced();
  std::string bytes;
  for (int i = 0; i < 10000; ++i) {
    bytes += frame("MODIFIED", object("a", std::to_string(11 + i)));
    if (bytes.size() > 100000) watch.write(std::exchange(bytes, {}));
  }
  watch.write(bytes);
  pass(seconds(1));
  EXPECT_EQ(said.size(), 10000U);
  EXPECT_EQ(said.back(), "~ns/a=10010");
  EXPECT_EQ(stored(), "ns/a=10010 ns/b=2");
}

TEST_F(ReflectorTest, AnObjectThatTheHandlerDoesNotWantIsNotKept) {
  start();
  asked_list().json(list(
      "10",
      {object("a", "1"),
       R"({"metadata":{"name":"n","namespace":"ns","uid":"u","resourceVersion":"2"},"v":""})"}));
  Asked watch = asked_watch("10");
  EXPECT_EQ(take(), (Said{"+ns/a=1", "<synced>"}));
  watch.begin();
  // One that was wanted and is no longer.
  watch.write(frame(
      "MODIFIED",
      R"({"metadata":{"name":"a","namespace":"ns","uid":"uid-a","resourceVersion":"11"},"v":""})"));
  settle();
  EXPECT_EQ(take(), Said{"-ns/a=1"});
  EXPECT_EQ(stored(), "");
}

TEST_F(ReflectorTest, StatesHaveNames) {
  using State = Reflector::State;
  EXPECT_STREQ(to_string(State::stopped), "stopped");
  EXPECT_STREQ(to_string(State::listing), "listing");
  EXPECT_STREQ(to_string(State::connecting), "connecting");
  EXPECT_STREQ(to_string(State::open), "open");
  EXPECT_STREQ(to_string(State::confirmed), "confirmed");
  EXPECT_STREQ(to_string(State::waiting), "waiting");
}

}  // namespace
