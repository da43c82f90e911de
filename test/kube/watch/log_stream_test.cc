// A log is followed line by line, and resumed without a line lost or doubled.
#include <memory>
#include <string>
#include <vector>

#include "support/log_world.h"

namespace {

using base::seconds;
using test::Asked;
using test::Pod;

class LogStream : public test::LogWorld {};

TEST_F(LogStream, AsksForTimesAndDeliversLinesWithoutThem) {
  kube::watch::LogSpec spec;
  spec.tail_lines = 10;
  spec.since_seconds = 60;
  spec.credentials = kube::config::Credentials::bearer("tok");
  start(spec);
  Asked log = asked();
  EXPECT_EQ(log.authorization, "Bearer tok");
  EXPECT_EQ(log.param("container"), "c");
  EXPECT_EQ(log.param("follow"), "true");
  EXPECT_EQ(log.param("timestamps"), "true");
  EXPECT_EQ(log.param("tailLines"), "10");
  EXPECT_EQ(log.param("sinceSeconds"), "60");
  EXPECT_FALSE(log.has("sinceTime"));
  EXPECT_FALSE(log.has("previous"));
  log.begin();
  settle_pod({});
  EXPECT_EQ(take(), Said{"open"});
  log.write(line("01.5", "a") + line("01.5", "") + "2026-01-01T00:00:02Z b");
  settle();
  EXPECT_EQ(take(), (Said{"a", ""}));
  log.write("c\r\n");
  settle();
  EXPECT_EQ(take(), Said{"bc"});
  EXPECT_EQ(times.at(0)->ns, 1767225601500000000);
  EXPECT_TRUE(stream->active());
}

TEST_F(LogStream, G1ACutInTheMiddleOfALineLosesAndDoublesNothing) {
  start();
  Asked log = opened();
  log.write(line("01.1", "one") + line("02.1", "two") + "2026-01-01T00:00:02.2Z thr");
  settle();
  log.cut();
  settle_pod({});
  Asked again = asked();
  EXPECT_EQ(again.param("sinceTime"), "2026-01-01T00:00:02Z");
  EXPECT_EQ(again.param("follow"), "true");
  EXPECT_FALSE(again.has("tailLines"));
  again.begin();
  again.write(line("02.1", "two") + line("02.2", "three") + line("03", "four"));
  settle();
  EXPECT_EQ(take(), (Said{"open", "one", "two", "three", "four"}));
}

TEST_F(LogStream, G1EveryByteIsAPlaceToCut) {
  const std::string all = line("01.1", "one") + line("01.1", "same") + line("01.1", "same") +
                          line("01.2", "") + line("02.5", "na\xC3\xAFve") + line("02.5", "last");
  for (std::size_t cut = 0; cut <= all.size(); ++cut) {
    SCOPED_TRACE(cut);
    start();
    Asked log = opened();
    if (cut > 0) log.write(all.substr(0, cut));
    pass(seconds(2));  // proven
    log.cut();
    settle_pod({});
    Asked again = asked();
    const std::string since = again.param("sinceTime");
    again.begin();
    again.write(since == "2026-01-01T00:00:02Z" ? all.substr(all.find("2026-01-01T00:00:02"))
                                                : all);
    settle();
    EXPECT_EQ(take(), (Said{"open", "one", "same", "same", "", "na\xC3\xAFve", "last"}));
    stream.reset();
    settle();
    api.waiting.clear();
  }
}

TEST_F(LogStream, G2EqualLinesOfOneSecondAcrossTheCutComeOnce) {
  start();
  Asked log = opened();
  std::string first, second;
  Said want{"open"};
  for (int i = 0; i < 100; ++i) {
    const std::string text = i % 3 ? "same" : "line " + std::to_string(i);
    (i < 60 ? first : second) += line("05.123456789", text);
    want.push_back(text);
  }
  log.write(first);
  settle();
  log.cut();
  settle_pod({});
  Asked again = asked();
  again.begin();
  again.write(first + second);
  settle();
  EXPECT_EQ(take(), want);
}

TEST_F(LogStream, G3AResumeThatBeginsInsideALineShowsNoBogusLine) {
  start();
  Asked log = opened();
  log.write(line("01", "a"));
  settle();
  log.cut();
  settle_pod({});
  Asked again = asked();
  again.begin();
  again.write("tail of a long line\n" + line("01", "a") + line("02", "b"));
  settle();
  EXPECT_EQ(take(), (Said{"open", "a", "b"}));
}

TEST_F(LogStream, G4AReplayThatDoesNotMeetWhatWasDeliveredIsAGap) {
  start();
  Asked log = opened();
  log.write(line("01.5", "a"));
  settle();
  log.cut();
  settle_pod({});
  Asked again = asked();
  again.begin();
  again.write(line("07", "z"));
  settle();
  EXPECT_EQ(take(), (Said{"open", "a", "<gap>", "z"}));
  EXPECT_EQ(marker,
            "lines may be missing after 2026-01-01T00:00:01.500000000Z and before "
            "2026-01-01T00:00:07.000000000Z");
}

TEST_F(LogStream, G10ALineOfTenMegabytesIsCutAndTheStreamGoesOn) {
  start();
  Asked log = opened();
  log.write("2026-01-01T00:00:01Z ");
  for (int i = 0; i < 160; ++i)
    log.write(std::string(64 * 1024, 'x'));
  log.write("\n" + line("02", "next"));
  pass(seconds(1));
  ASSERT_EQ(said.size(), 3U);
  EXPECT_EQ(said[1], "truncated " + std::string(100, 'x'));
  EXPECT_EQ(said[2], "next");
}

TEST_F(LogStream, G13ABalancersIdleCutEachMinuteIsInvisible) {
  start();
  Asked log = opened();
  log.write(line("01", "a"));
  settle();
  for (int i = 0; i < 60; ++i) {
    pass(seconds(60));
    if (i % 2) {
      log.cut();
    } else {
      log.end();
    }
    settle_pod({});
    log = asked();
    log.begin();
    log.write(line("01", "a"));
    settle();
  }
  EXPECT_EQ(take(), (Said{"open", "a"}));
  EXPECT_EQ(retry.breaker().failures(), 0);
}

TEST_F(LogStream, G13StreamsThatEndAllTheTimeAreSlowedDown) {
  start();
  Asked log = opened();
  std::vector<base::TimePoint> starts{log.at};
  for (int i = 0; i < 20; ++i) {
    log.write(line("01", "a"));
    settle();
    log.end();
    settle_pod({});
    log = asked();
    starts.push_back(log.at);
    log.begin();
  }
  EXPECT_NEAR(static_cast<double>(ms(starts[5] - starts[4])), 1100, 110);
  EXPECT_NEAR(static_cast<double>(ms(starts[15] - starts[14])), 5500, 520);
  EXPECT_EQ(take(), (Said{"open", "a"}));
}

TEST_F(LogStream, G14AnOldRequestIsReplacedBeforeItsFirstHourIsOver) {
  start();
  Asked log = opened();
  log.write(line("01", "a"));
  settle();
  Asked look = asked();
  EXPECT_GE(look.at - log.at, base::minutes(30));
  EXPECT_LE(look.at - log.at, base::minutes(60));
  EXPECT_FALSE(log.connected());
  look.json(Pod{}.json());
  Asked again = asked();
  EXPECT_EQ(again.param("sinceTime"), "2026-01-01T00:00:01Z");
  again.begin();
  again.write(line("01", "a") + line("02", "b"));
  settle();
  EXPECT_EQ(take(), (Said{"open", "a", "b"}));
}

TEST_F(LogStream, G16TimesOfAnyWidthAndOffsetAreRead) {
  start();
  Asked log = opened();
  log.write("2026-01-01T02:00:01.5+02:00 a\n2026-01-01T00:00:01.50Z b\n2026-01-01T00:00:02Z c\n");
  settle();
  EXPECT_EQ(times.at(0)->ns, times.at(1)->ns);
  log.cut();
  settle_pod({});
  EXPECT_EQ(asked().param("sinceTime"), "2026-01-01T00:00:02Z");
}

// By how long ago that is: the node's clock is not ours.
TEST_F(LogStream, NothingDeliveredYetIsResumedFromTheTimeOfTheFirstAnswer) {
  kube::watch::LogSpec spec;
  spec.tail_lines = 0;
  start(spec);
  Asked log = opened();
  pass(seconds(90));
  log.cut();
  settle_pod({});
  Asked again = asked();
  EXPECT_FALSE(again.has("sinceTime"));
  const int ago = std::stoi(again.param("sinceSeconds"));
  EXPECT_GE(ago, 91);
  EXPECT_LE(ago, 93);
  EXPECT_FALSE(again.has("tailLines"));
  again.begin();
  again.write(line("50", "a"));
  settle();
  EXPECT_EQ(take(), (Said{"open", "a"}));
}

}  // namespace
