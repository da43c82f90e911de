// Histograms, and the text that a scrape gets; the reader of the tests is shown to find what is
// wrong.
#include "base/metrics.h"

#include <cmath>

#include <gtest/gtest.h>

#include "support/prometheus.h"

namespace base::metrics {
namespace {

constexpr std::array<Duration, 3> kBounds = {milliseconds(1), milliseconds(10), seconds(1)};

TEST(Histogram, ABoundIsInItsBucketAndWhatIsAboveAllIsInTheLast) {
  Histogram h(kBounds);
  h.observe(milliseconds(1));
  h.observe(milliseconds(1) + Duration(1));
  h.observe(seconds(1));
  h.observe(hours(1));
  h.observe(Duration::zero());
  EXPECT_EQ(h.bucket(0), 2u);
  EXPECT_EQ(h.bucket(1), 1u);
  EXPECT_EQ(h.bucket(2), 1u);
  EXPECT_EQ(h.bucket(3), 1u);
  EXPECT_EQ(h.count(), 5u);
  EXPECT_EQ(h.sum(), hours(1) + seconds(1) + milliseconds(2) + Duration(1));
}

TEST(MetricsWriter, WritesAFamilyWithItsHelpItsTypeAndItsSamples) {
  std::string out;
  Writer w(out);
  w.family("app_requests_total", Kind::counter, "Requests.");
  w.sample({{"code", "200"}, {"verb", "get"}}, 3).sample({{"code", "404"}, {"verb", "get"}}, 0);
  w.family("app_queue_bytes", Kind::gauge, "Bytes that wait.").sample(1.5);
  EXPECT_EQ(out,
            "# HELP app_requests_total Requests.\n"
            "# TYPE app_requests_total counter\n"
            "app_requests_total{code=\"200\",verb=\"get\"} 3\n"
            "app_requests_total{code=\"404\",verb=\"get\"} 0\n"
            "# HELP app_queue_bytes Bytes that wait.\n"
            "# TYPE app_queue_bytes gauge\n"
            "app_queue_bytes 1.5\n");
}

TEST(MetricsWriter, AHistogramIsCumulativeAndInSeconds) {
  std::string out;
  Histogram h(kBounds);
  h.observe(milliseconds(2));
  h.observe(seconds(2));
  Writer(out).family("app_seconds", Kind::histogram, "Time.").sample({{"method", "ping"}}, h);
  EXPECT_EQ(out,
            "# HELP app_seconds Time.\n"
            "# TYPE app_seconds histogram\n"
            "app_seconds_bucket{method=\"ping\",le=\"0.001\"} 0\n"
            "app_seconds_bucket{method=\"ping\",le=\"0.01\"} 1\n"
            "app_seconds_bucket{method=\"ping\",le=\"1\"} 1\n"
            "app_seconds_bucket{method=\"ping\",le=\"+Inf\"} 2\n"
            "app_seconds_sum{method=\"ping\"} 2.002\n"
            "app_seconds_count{method=\"ping\"} 2\n");
}

TEST(MetricsWriter, EscapesWhatWouldEndALineOrAValue) {
  std::string out;
  Writer(out)
      .family("app_x", Kind::gauge, "back\\slash, \"quote\",\nnew line")
      .sample({{"a", "back\\slash, \"quote\",\nnew line, \xff"}}, 1);
  EXPECT_EQ(out,
            "# HELP app_x back\\\\slash, \"quote\",\\nnew line\n"
            "# TYPE app_x gauge\n"
            "app_x{a=\"back\\\\slash, \\\"quote\\\",\\nnew line, \xef\xbf\xbd\"} 1\n");
  test::Scrape scrape(out);
  EXPECT_EQ(scrape.problem_text(), "");
  EXPECT_EQ(scrape.series.size(), 1u);
}

TEST(MetricsWriter, WritesEveryNumber) {
  std::string out;
  Writer w(out);
  w.family("app_x", Kind::gauge, "X.").sample({{"a", "inf"}}, HUGE_VAL);
  w.sample({{"a", "-inf"}}, -HUGE_VAL).sample({{"a", "nan"}}, std::nan(""));
  w.sample({{"a", "big"}}, 9007199254740993.0).sample({{"a", "small"}}, -1e-9);
  const test::Scrape scrape(out);
  EXPECT_EQ(scrape.problem_text(), "");
  EXPECT_EQ(scrape.value("app_x{a=\"big\"}"), 9007199254740992.0);
  EXPECT_EQ(scrape.value("app_x{a=\"small\"}"), -1e-9);
  EXPECT_TRUE(std::isinf(scrape.value("app_x{a=\"-inf\"}")));
  EXPECT_TRUE(std::isnan(scrape.value("app_x{a=\"nan\"}")));
}

TEST(MetricsWriterDeathTest, ANameThatBreaksTheConventionsIsOurBug) {
  std::string out;
  Writer w(out);
  EXPECT_DEATH(w.family("app_requests", Kind::counter, "x"), "CHECK");
  EXPECT_DEATH(w.family("app_requests_total", Kind::gauge, "x"), "CHECK");
  EXPECT_DEATH(w.family("app-requests", Kind::gauge, "x"), "CHECK");
  EXPECT_DEATH(w.family("app_requests", Kind::gauge, ""), "CHECK");
}

TEST(Scrape, FindsWhatIsWrong) {
  const char* const kWrong[] = {
      "# HELP a_total x\n# TYPE a_total counter\na_total 1",
      "# HELP a x\n# TYPE a counter\na 1\n",
      "# HELP a_total x\n# TYPE a_total gauge\na_total 1\n",
      "# TYPE a gauge\na 1\n",
      "# HELP a x\n# TYPE a gauge\na 1\na 1\n",
      "# HELP a x\n# TYPE a gauge\na{b=\"1\",c=\"2\"} 1\na{c=\"2\",b=\"1\"} 1\n",
      "# HELP a x\n# TYPE a gauge\n# HELP b x\n# TYPE b gauge\nb 1\na 1\n",
      "# HELP a x\n# TYPE a gauge\na{b=\"1} 1\n",
      "# HELP a x\n# TYPE a gauge\na{b=\"\\t\"} 1\n",
      "# HELP a x\n# TYPE a gauge\na 0x10\n",
      "# HELP a x\n# TYPE a gauge\na one\n",
      "# HELP a x\n# TYPE a gauge\na  1\n",
      "# HELP a_ms x\n# TYPE a_ms gauge\na_ms 1\n",
      "# HELP aB x\n# TYPE aB gauge\naB 1\n",
      "# HELP a_sum x\n# TYPE a_sum gauge\na_sum 1\n",
      "# HELP a x\n# TYPE a histogram\na_bucket{le=\"1\"} 1\na_sum 1\na_count 1\n",
      ("# HELP a x\n# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\na_sum 1\n"
       "a_count 1\n"),
      "# HELP a x\n# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 2\n",
  };
  for (const char* text : kWrong)
    EXPECT_FALSE(test::Scrape(text).problems.empty()) << text;
  EXPECT_EQ(test::Scrape("# HELP a x\n# TYPE a gauge\na{b=\"\"} 1\n").problem_text(), "");
}

}  // namespace
}  // namespace base::metrics
