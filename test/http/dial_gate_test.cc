// So many dials at once, the others in their order; and lists in headers.
#include "http/dial_gate.h"

#include <gtest/gtest.h>

#include "http/message.h"
#include "loop/clock.h"
#include "loop/loop.h"

namespace {

struct Dial {
  int called = 0;
  void call() { ++called; }
  http::DialGate::Place place{http::DialGate::Place::Fn::bind<&Dial::call>(this)};
};

TEST(HttpDialGate, OneThatLeavesLetsTheNextInAndItsPlaceIsFreeAgain) {
  loop::VirtualClock clock;
  loop::Loop loop(clock);
  http::DialGate gate(loop, 2);
  Dial one, two, three, four;
  EXPECT_TRUE(one.place.enter(gate));
  EXPECT_TRUE(two.place.enter(gate));
  EXPECT_FALSE(three.place.enter(gate));
  EXPECT_FALSE(four.place.enter(gate));
  loop.run_once();
  EXPECT_EQ(three.called + four.called, 0);
  one.place.leave();
  EXPECT_FALSE(one.place.enter(gate)) << "behind those who wait";
  loop.run_once();
  EXPECT_EQ(three.called, 1);
  EXPECT_EQ(four.called + one.called, 0);
  two.place.leave();
  three.place.leave();
  loop.run_once();
  EXPECT_EQ(four.called + one.called, 2);
  four.place.leave();
  one.place.leave();
  EXPECT_TRUE(two.place.enter(gate));
  EXPECT_TRUE(three.place.enter(gate));
}

TEST(HttpHeaders, ATokenIsFoundAnywhereInALine) {
  http::Headers headers;
  headers.add("Connection", "keep-alive, Upgrade ,x");
  headers.add("connection", "close");
  for (const char* token : {"keep-alive", "upgrade", "X", "close"})
    EXPECT_TRUE(headers.has_token("Connection", token)) << token;
  EXPECT_FALSE(headers.has_token("Connection", "keep"));
  EXPECT_FALSE(headers.has_token("Upgrade", "x"));
}

}  // namespace
