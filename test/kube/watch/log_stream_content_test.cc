// Log streams that times do not help, and logs of more lines than one turn of the loop may tell.
#include <algorithm>

#include "kube/watch/log_stream.h"
#include "support/log_world.h"

namespace {

using base::seconds;
using test::Asked;

class LogStreamContent : public test::LogWorld {
 protected:
  // The stream that ended is resumed, however often the pod is looked at before.
  Asked resumed() {
    for (;;) {
      Asked next = asked(seconds(100));
      if (next.path.ends_with("/log") || !next) return next;
      next.json(test::Pod{}.json());
    }
  }
};

// A kubelet that ignores timestamps, sinceTime and follow: 4 lines came as 39 in 11 s.
TEST_F(LogStreamContent, AKubeletThatGivesTheWholeLogEachTimeIsFollowed) {
  start();
  Asked log = opened();
  std::string all = "one\ntwo\n\ntwo\n";
  log.write(all);
  log.end();
  for (int i = 0; i < 8; ++i) {
    Asked again = resumed();
    EXPECT_FALSE(again.has("sinceTime"));
    EXPECT_FALSE(again.has("sinceSeconds"));
    if (i == 4) all += "three\n";
    again.begin();
    again.write(all);
    again.end();
    settle();
  }
  EXPECT_EQ(take(), (Said{"open", "one", "two", "", "two", "three"}));
}

// The clock of the node stepped back: resumed with the greatest time, nothing came for 5 min.
TEST_F(LogStreamContent, AfterAClockThatSteppedBackTheResumeAsksForTheLastLines) {
  start();
  Asked log = opened();
  log.write(line("50", "a") + line("51", "b") + line("01", "c"));
  settle();
  log.cut();
  Asked again = resumed();
  EXPECT_FALSE(again.has("sinceTime"));
  EXPECT_EQ(again.param("tailLines"), std::to_string(kube::watch::kRecentLines));
  again.begin();
  again.write(line("51", "b") + line("01", "c") + line("02", "d"));
  settle();
  EXPECT_EQ(take(), (Said{"open", "a", "b", "c", "d"}));
  again.cut();
  again = resumed();
  EXPECT_EQ(again.param("tailLines"), std::to_string(kube::watch::kRecentLines));
  again.begin();
  again.write(line("30", "x"));
  settle();
  EXPECT_EQ(take(), (Said{"<gap>", "x"})) << "nothing of what was delivered came again";
}

// `yes ''`: callbacks of 82 ms.
TEST_F(LogStreamContent, ATurnTellsSoManyLinesAndNoMore) {
  start();
  Asked log = opened();
  take();
  log.write(std::string(20000, '\n'));
  std::size_t before = 0, most = 0;
  for (int turn = 0; turn < 1000 && said.size() < 20000; ++turn) {
    loop.run_once();
    most = std::max(most, said.size() - before);
    before = said.size();
  }
  EXPECT_EQ(said.size(), 20000u);
  EXPECT_LE(most, 2u * kube::watch::kLinesPerTurn) << "of a read, and of what had waited";
  EXPECT_GT(most, 0u);
}

TEST_F(LogStreamContent, WhatCameWithTheEndIsToldBeforeIt) {
  kube::watch::LogSpec spec;
  spec.follow = false;
  start(spec);
  Asked log = asked();
  std::string all;
  for (int i = 0; i < 3000; ++i)
    all += line("01", std::to_string(i));
  log.reply.send(200, "text/plain", all);
  ASSERT_TRUE(run_until([&] { return ended.has_value(); }));
  EXPECT_EQ(said.size(), 3002u);
  EXPECT_EQ(said[3000], "2999");
  EXPECT_EQ(said.back(), "<end>");
}

TEST_F(LogStreamContent, APauseInTheMiddleOfARead) {
  start();
  Asked log = opened();
  take();
  hook = [&](const std::string& what) {
    if (what == "700") stream->pause(true);
  };
  std::string all;
  for (int i = 0; i < 2000; ++i)
    all += line("01", std::to_string(i));
  log.write(all);
  log.end();
  pass(seconds(5));
  EXPECT_EQ(said.size(), 701u);
  stream->pause(false);
  run_until([&] { return said.size() >= 2000; }, seconds(5));
  EXPECT_EQ(said.size(), 2000u);
  EXPECT_EQ(said.back(), "1999");
}

}  // namespace
