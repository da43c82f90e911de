// Logs that are followed by content: kubelets without times, and clocks that step back.
#include "kube/watch/log_memory.h"

#include <gtest/gtest.h>

namespace {

using kube::watch::LogMemory;
using kube::watch::RawLine;
using Way = LogMemory::Way;

constexpr std::int64_t kSecond = 1000000000;

RawLine untimed(std::uint64_t hash) {
  RawLine line;
  line.hash = hash;
  return line;
}
RawLine at(std::int64_t seconds, std::uint64_t hash) {
  RawLine line = untimed(hash);
  line.time = base::WallTime{1767225600 * kSecond + seconds * kSecond};
  return line;
}

class LogContent : public ::testing::Test {
 protected:
  // How many of the lines [from, to) are delivered, and whether a gap was told.
  int play(std::uint64_t from, std::uint64_t to) {
    int n = 0;
    gaps = 0;
    for (std::uint64_t hash = from; hash < to; ++hash) {
      const auto verdict = memory.judge(untimed(hash));
      n += verdict.deliver;
      gaps += verdict.gap;
    }
    return n;
  }
  LogMemory memory;
  int gaps = 0;
};

// Four lines came as 39 in 11 s.
TEST_F(LogContent, AWholeLogThatComesAgainIsDroppedLineByLine) {
  memory.begin(false);
  EXPECT_EQ(memory.way(), Way::nothing);
  EXPECT_EQ(play(1, 5), 4);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(memory.way(), Way::everything);
    memory.begin(true);
    EXPECT_EQ(play(1, 5), 0);
    EXPECT_EQ(gaps, 0);
  }
  memory.begin(true);
  EXPECT_EQ(play(1, 8), 3);
  EXPECT_EQ(gaps, 0);
}

TEST_F(LogContent, EqualLinesAreToldApartByCount) {
  memory.begin(false);
  for (int i = 0; i < 5000; ++i)
    EXPECT_TRUE(memory.judge(untimed(7)).deliver);
  memory.begin(true);
  for (int i = 0; i < 5000; ++i)
    ASSERT_FALSE(memory.judge(untimed(7)).deliver) << i;
  EXPECT_TRUE(memory.judge(untimed(7)).deliver);
}

TEST_F(LogContent, ALongLogIsKnownByItsFrontItsLengthAndItsEnd) {
  memory.begin(false);
  EXPECT_EQ(play(0, 10000), 10000);
  memory.begin(true);
  EXPECT_EQ(play(0, 10010), 10);
  EXPECT_EQ(gaps, 0);
}

TEST_F(LogContent, ARotatedLogIsMetWhereItsEndIsKnown) {
  memory.begin(false);
  EXPECT_EQ(play(0, 3000), 3000);
  memory.begin(true);
  EXPECT_EQ(play(2500, 3005), 5);
  EXPECT_EQ(gaps, 0);
  memory.begin(true);  // it begins with lines that are forgotten
  EXPECT_EQ(play(100, 3010), 5);
  EXPECT_EQ(gaps, 1) << "that they are old is likely, not sure";
}

TEST_F(LogContent, AnotherLogIsAGap) {
  memory.begin(false);
  EXPECT_EQ(play(0, 100), 100);
  memory.begin(true);
  EXPECT_EQ(play(1000, 1010), 10);
  EXPECT_EQ(gaps, 1);
  memory.begin(true);
  EXPECT_EQ(play(1000, 1012), 2) << "what was delivered last counts";
}

// Resumed with the greatest time ever seen: silent for 5 min, with no gap told.
TEST_F(LogContent, AfterAStepBackTheLastLinesOwnTimeCounts) {
  memory.begin(false);
  memory.judge(at(300, 1));
  memory.judge(at(301, 2));
  EXPECT_EQ(memory.way(), Way::since_last);
  memory.judge(at(1, 3));
  EXPECT_EQ(memory.last(), at(1, 0).time);
  EXPECT_EQ(memory.way(), Way::recent) << "a time says no more where the stream was";
  memory.judge(at(2, 4));
  memory.begin(true);
  for (const auto& line : {at(300, 1), at(301, 2), at(1, 3), at(2, 4)})
    EXPECT_FALSE(memory.judge(line).deliver);
  const auto next = memory.judge(at(3, 5));
  EXPECT_TRUE(next.deliver);
  EXPECT_FALSE(next.gap);
  memory.begin(true);  // more came than the last lines hold
  const auto later = memory.judge(at(50, 90));
  EXPECT_TRUE(later.deliver);
  EXPECT_TRUE(later.gap);
  memory.judge(at(302, 6));
  EXPECT_EQ(memory.way(), Way::since_last) << "the clock has passed where it was";
}

TEST_F(LogContent, AStepWithinTheSecondIsNone) {
  memory.begin(false);
  memory.judge(at(1, 1));
  RawLine line = at(1, 2);
  line.time->ns += 500;
  memory.judge(line);
  memory.judge(at(1, 3));
  EXPECT_EQ(memory.way(), Way::since_last);
}

}  // namespace
