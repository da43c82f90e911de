// Bytes of a log into lines, and lines that come again.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "kube/watch/log_memory.h"

namespace {

using kube::watch::LineAssembler;
using kube::watch::LogMemory;
using kube::watch::RawLine;

struct Line {
  std::string text;
  std::optional<std::int64_t> ns;
  bool truncated;
  std::uint64_t hash;
};

std::vector<Line> lines_of(std::string_view bytes, std::size_t step, std::size_t cap = 1024,
                           std::optional<Line>* rest = nullptr) {
  LineAssembler lines(cap);
  std::vector<Line> out;
  const auto note = [](const RawLine& l) {
    return Line{std::string(l.text), l.time ? std::optional(l.time->ns) : std::nullopt, l.truncated,
                l.hash};
  };
  RawLine line;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    std::string piece(
        bytes.substr(at, step));  // its own memory: ASan sees views that live too long
    std::string_view view = piece;
    while (!view.empty()) {
      if (lines.next(view, line)) out.push_back(note(line));
    }
  }
  if (rest && lines.rest(line)) *rest = note(line);
  return out;
}

constexpr std::int64_t kSecond = 1000000000;
// 2026-01-01T00:00:00Z
constexpr std::int64_t kEpoch = 1767225600 * kSecond;

TEST(LogLines, TheSameLinesWhereverTheBytesAreCut) {
  const std::string bytes =
      "2026-01-01T00:00:00.000000001Z one\n2026-01-01T00:00:00.5Z \n2026-01-01T00:00:01Z "
      "na\xC3\xAFve \xE2\x9C\x93\r\n"
      "no time\n\n2026-01-01T02:00:02.25+02:00 offset\n";
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    const auto lines = lines_of(bytes, step);
    ASSERT_EQ(lines.size(), 6U) << step;
    EXPECT_EQ(lines[0].text, "one");
    EXPECT_EQ(lines[0].ns, kEpoch + 1);
    EXPECT_EQ(lines[1].text, "");
    EXPECT_EQ(lines[1].ns, kEpoch + kSecond / 2);
    EXPECT_EQ(lines[2].text, "na\xC3\xAFve \xE2\x9C\x93");
    EXPECT_EQ(lines[3].text, "no time");
    EXPECT_FALSE(lines[3].ns);
    EXPECT_EQ(lines[4].text, "");
    EXPECT_FALSE(lines[4].ns);
    EXPECT_EQ(lines[5].text, "offset");
    EXPECT_EQ(lines[5].ns, kEpoch + 2 * kSecond + kSecond / 4);
    EXPECT_EQ(lines[0].hash, lines_of(bytes, 1)[0].hash);
  }
}

// A connection cut inside a timestamp left a line that nobody wrote.
TEST(LogLines, APartOfATimestampIsNoLine) {
  const std::string last = "2026-01-01T00:00:00.123456789Z";
  for (std::size_t size = 1; size <= last.size(); ++size) {
    std::optional<Line> rest;
    lines_of("2026-01-01T00:00:00Z whole\n" + last.substr(0, size), 7, 1024, &rest);
    EXPECT_FALSE(rest) << size;
  }
  std::optional<Line> rest;
  lines_of(last + " 4", 7, 1024, &rest);
  ASSERT_TRUE(rest);
  EXPECT_EQ(rest->text, "4");
}

TEST(LogLines, G11WhatIsNoTextIsRepairedLineByLine) {
  const std::string stamp = "2026-01-01T00:00:00Z ";
  const std::string bytes = stamp +
                            "a\xFF"
                            "b\n" +
                            stamp + std::string("n\0l", 3) + "\n" + stamp + "\xED\xA0\x80\n" +
                            stamp + "\x1b[31mred\x1b[0m\n" + stamp + "10%\r20%\r\n" + stamp +
                            "cut \xE2\x9C\n";
  for (std::size_t step : {std::size_t{1}, std::size_t{7}, bytes.size()}) {
    const auto lines = lines_of(bytes, step);
    ASSERT_EQ(lines.size(), 6U);
    EXPECT_EQ(lines[0].text,
              "a\xEF\xBF\xBD"
              "b");
    EXPECT_EQ(lines[1].text, "n\xEF\xBF\xBDl");
    EXPECT_EQ(lines[2].text, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    EXPECT_EQ(lines[3].text, "\x1b[31mred\x1b[0m");
    EXPECT_EQ(lines[4].text, "10%\r20%");
    EXPECT_EQ(lines[5].text, "cut \xEF\xBF\xBD");
  }
}

TEST(LogLines, G10ALongLineIsCutAtACharacterAndSaysSo) {
  const std::string stamp = "2026-01-01T00:00:00.123456789Z ";
  std::string long_line = std::string(98, 'x') + "\xE2\x9C\x93" + std::string(5000, 'y');
  const std::string bytes =
      stamp + long_line + "\n" + stamp + "next\n" + stamp + std::string(100, 'z') + "\n";
  for (std::size_t step : {std::size_t{1}, std::size_t{13}, bytes.size()}) {
    const auto lines = lines_of(bytes, step, 100);
    ASSERT_EQ(lines.size(), 3U) << step;
    EXPECT_TRUE(lines[0].truncated);
    EXPECT_EQ(lines[0].text, std::string(98, 'x'));
    EXPECT_EQ(lines[1].text, "next");
    EXPECT_FALSE(lines[1].truncated);
    EXPECT_EQ(lines[2].text.size(), 100U);
    EXPECT_FALSE(lines[2].truncated);
  }
  // The hash tells apart what was thrown away, too.
  const auto a = lines_of(bytes, 64, 100)[0];
  long_line.back() = 'Y';
  const auto b = lines_of(stamp + long_line + "\n", 64, 100)[0];
  EXPECT_EQ(a.text, b.text);
  EXPECT_NE(a.hash, b.hash);
}

TEST(LogLines, WhatFollowsTheLastLineEndIsTheRest) {
  std::optional<Line> rest;
  EXPECT_EQ(lines_of("2026-01-01T00:00:00Z a\n2026-01-01T00:00:00Z b\r", 5, 100, &rest).size(), 1U);
  ASSERT_TRUE(rest);
  EXPECT_EQ(rest->text, "b\r");
  rest.reset();
  lines_of("2026-01-01T00:00:00Z a\n", 5, 100, &rest);
  EXPECT_FALSE(rest);
}

RawLine at(std::int64_t ns, std::uint64_t hash) {
  RawLine line;
  line.time = base::WallTime{kEpoch + ns};
  line.hash = hash;
  return line;
}

TEST(LogMemory, G2EqualLinesOfTheLastSecondAreToldApartByCount) {
  LogMemory memory;
  memory.begin(false);
  EXPECT_TRUE(memory.judge(at(-5, 1)).deliver);  // the second before
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(memory.judge(at(10, 7)).deliver);
  memory.begin(true);
  for (int i = 0; i < 3; ++i)
    EXPECT_FALSE(memory.judge(at(10, 7)).deliver);
  const auto fourth = memory.judge(at(10, 7));
  EXPECT_TRUE(fourth.deliver);
  EXPECT_FALSE(fourth.gap);
  memory.begin(true);  // and again: four are remembered now
  for (int i = 0; i < 4; ++i)
    EXPECT_FALSE(memory.judge(at(10, 7)).deliver);
  EXPECT_TRUE(memory.judge(at(kSecond, 7)).deliver);
  EXPECT_EQ(memory.last()->ns, kEpoch + kSecond);
}

TEST(LogMemory, G4AReplayThatMeetsNothingIsAGapOnce) {
  LogMemory memory;
  memory.begin(false);
  memory.judge(at(10, 7));
  memory.begin(true);
  auto verdict = memory.judge(at(5 * kSecond, 8));
  EXPECT_TRUE(verdict.deliver);
  EXPECT_TRUE(verdict.gap);
  verdict = memory.judge(at(5 * kSecond, 9));
  EXPECT_TRUE(verdict.deliver);
  EXPECT_FALSE(verdict.gap);
  memory.begin(true);
  EXPECT_TRUE(memory.judge(at(5 * kSecond, 10)).gap) << "in the same second, but none of the known";
}

TEST(LogMemory, G3AContinuationAtTheFrontOfAResumeIsDropped) {
  LogMemory memory;
  RawLine untimed;
  untimed.hash = 99;
  memory.begin(false);
  EXPECT_TRUE(memory.judge(untimed).deliver) << "of a tail that begins inside a line";
  memory.judge(at(10, 7));
  EXPECT_TRUE(memory.judge(untimed).deliver);
  memory.begin(true);
  EXPECT_FALSE(memory.judge(untimed).deliver);
  EXPECT_FALSE(memory.judge(at(10, 7)).deliver);
  EXPECT_FALSE(memory.judge(untimed).deliver) << "it came after that line before, too";
  EXPECT_TRUE(memory.judge(untimed).deliver);
}

TEST(LogMemory, WhatIsOlderThanTheResumeAskedForIsDropped) {
  LogMemory memory;
  memory.begin(false);
  memory.judge(at(10 * kSecond, 7));
  memory.begin(true);
  EXPECT_FALSE(memory.judge(at(9 * kSecond, 6)).deliver);
  EXPECT_FALSE(memory.judge(at(10 * kSecond, 7)).deliver);
  EXPECT_FALSE(memory.judge(at(11 * kSecond, 8)).gap);
}

TEST(LogMemory, ABurstBeyondItsSizeIsCounted) {
  LogMemory memory;
  memory.begin(false);
  const std::uint64_t n = kube::watch::kMemoryLines + 100;
  for (std::uint64_t i = 0; i < n; ++i)
    ASSERT_TRUE(memory.judge(at(1, i)).deliver);
  memory.begin(true);
  for (std::uint64_t i = 0; i < n; ++i)
    ASSERT_FALSE(memory.judge(at(1, i)).deliver) << i;
  const auto verdict = memory.judge(at(2, n));
  EXPECT_TRUE(verdict.deliver);
  EXPECT_FALSE(verdict.gap);
}

TEST(LogMemory, LinesThatCameEarlyAreForgottenWithTheirSecond) {
  LogMemory memory;
  memory.begin(false);
  memory.judge(at(10, 7));
  memory.begin_instance();
  memory.begin(false);
  EXPECT_TRUE(memory.judge(at(kSecond + 10, 1)).deliver);
  EXPECT_TRUE(memory.judge(at(10, 7)).deliver) << "the clock stepped back: another line";
}

TEST(LogMemory, ANewInstanceStartsFromNothingButTheNewestSecond) {
  LogMemory memory;
  memory.begin(false);
  memory.judge(at(-1, 7));
  memory.judge(at(10, 7));
  memory.begin_instance();
  EXPECT_FALSE(memory.last());
  for (int i = 0; i < 2; ++i) {  // also when the first stream breaks before a line was delivered
    memory.begin(true);
    const auto verdict = memory.judge(at(-1, 7));
    EXPECT_TRUE(verdict.deliver) << "of a second that is forgotten";
    EXPECT_FALSE(verdict.gap);
    memory.begin_instance();
    memory.begin(false);
    EXPECT_FALSE(memory.judge(at(-1, 7)).deliver) << "it came already";
    EXPECT_TRUE(memory.judge(at(-1, 7)).deliver) << "once";
    EXPECT_TRUE(memory.judge(at(-1, 8)).deliver) << "another line";
    memory.begin_instance();
    memory.begin_instance();
  }
}

}  // namespace
