#include "base/time.h"

#include <gtest/gtest.h>

namespace base {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

std::int64_t parsed(std::string_view text) {
  const auto d = parse_duration(text);
  EXPECT_TRUE(d) << text;
  return d ? d->count() : -1;
}

TEST(Duration, ReadsGoGrammar) {
  EXPECT_EQ(parsed("500ms"), 500'000'000);
  EXPECT_EQ(parsed("10s"), 10 * kSecond);
  EXPECT_EQ(parsed("2m"), 120 * kSecond);
  EXPECT_EQ(parsed("1h"), 3600 * kSecond);
  EXPECT_EQ(parsed("1m30s"), 90 * kSecond);
  EXPECT_EQ(parsed("1.5s"), 1'500'000'000);
  EXPECT_EQ(parsed("0"), 0);
  EXPECT_EQ(parsed("0s"), 0);
  EXPECT_EQ(parsed("7ns"), 7);
  EXPECT_EQ(parsed("3us"), 3'000);
  EXPECT_EQ(parsed("3\u00b5s"), 3'000);
  EXPECT_EQ(parsed("3\u03bcs"), 3'000);
  EXPECT_EQ(parsed(".5s"), 500'000'000);
  EXPECT_EQ(parsed("1.s"), kSecond);
  EXPECT_EQ(parsed("1h1h"), 7200 * kSecond);
}

TEST(Duration, FractionsAreExactAndBeyondTheNinthDigitDropped) {
  EXPECT_EQ(parsed("1.1s"), 1'100'000'000);
  EXPECT_EQ(parsed("0.1h"), 360 * kSecond);
  EXPECT_EQ(parsed("0.123456789h"), 444'444'440'400);
  EXPECT_EQ(parsed("1.9ns"), 1);
  EXPECT_EQ(parsed("0.0015ms"), 1'500);
  EXPECT_EQ(parsed("0.9999999999999999999999s"), 999'999'999);
}

TEST(Duration, BareNumberIsRefusedWithWhatWouldBeRight) {
  const auto d = parse_duration("10");
  ASSERT_FALSE(d);
  EXPECT_EQ(d.error().code(), Errc::invalid_argument);
  EXPECT_NE(d.error().what().find("unit is missing"), std::string::npos) << d.error().what();
  EXPECT_NE(d.error().what().find("10s"), std::string::npos);
}

TEST(Duration, WhatIsNoDurationIsRefused) {
  for (const char* text : {"", "s", ".s", ".", "-1s", "+1s", "1x", "1 s", " 1s", "1s ", "1d", "1S",
                           "1m30", "1..5s", "ten", "1e3s", "00"}) {
    EXPECT_FALSE(parse_duration(text)) << '"' << text << '"';
  }
}

TEST(Duration, OverflowIsRefusedAtEveryStep) {
  EXPECT_EQ(parsed("9223372036854775807ns"), std::numeric_limits<std::int64_t>::max());
  EXPECT_FALSE(parse_duration("9223372036854775808ns"));
  EXPECT_FALSE(parse_duration("9223372036.9s"));
  EXPECT_FALSE(parse_duration("2562048h"));
  EXPECT_FALSE(parse_duration("2562047h2562047h"));
  EXPECT_FALSE(parse_duration("99999999999999999999999999999s"));
}

TEST(Duration, IsWrittenShort) {
  EXPECT_EQ(format_duration(milliseconds(500)), "500ms");
  EXPECT_EQ(format_duration(seconds(10)), "10s");
  EXPECT_EQ(format_duration(minutes(2)), "2m");
  EXPECT_EQ(format_duration(seconds(90)), "1m30s");
  EXPECT_EQ(format_duration(hours(1)), "1h");
  EXPECT_EQ(format_duration(hours(1) + seconds(1)), "1h1s");
  EXPECT_EQ(format_duration(milliseconds(1500)), "1.5s");
  EXPECT_EQ(format_duration(microseconds(1500)), "1.5ms");
  EXPECT_EQ(format_duration(Duration(1)), "1ns");
  EXPECT_EQ(format_duration(Duration(0)), "0s");
  EXPECT_EQ(format_duration(-seconds(90)), "-1m30s");
  EXPECT_EQ(format_duration(kForever), "forever");
  EXPECT_EQ(format_duration(Duration::min()), "-2562047h47m16.854775807s");
}

TEST(Duration, WhatIsWrittenReadsBack) {
  std::int64_t ns = 1;
  for (int i = 0; i < 60; ++i) {
    ns = ns * 13 / 9 + i;
    EXPECT_EQ(parsed(format_duration(Duration(ns))), ns) << ns;
  }
}

TEST(Rfc3339, WritesUtcWithAskedDigitsTruncated) {
  const WallTime t{1795251600123456789};
  EXPECT_EQ(format_rfc3339(t, 0), "2026-11-21T09:00:00Z");
  EXPECT_EQ(format_rfc3339(t, 3), "2026-11-21T09:00:00.123Z");
  EXPECT_EQ(format_rfc3339(t, 9), "2026-11-21T09:00:00.123456789Z");
  EXPECT_EQ(format_rfc3339({999'999'999}, 3), "1970-01-01T00:00:00.999Z");
  EXPECT_EQ(format_rfc3339({-1}, 9), "1969-12-31T23:59:59.999999999Z");
  EXPECT_EQ(format_rfc3339({-86'400 * kSecond}, 0), "1969-12-31T00:00:00Z");
  EXPECT_EQ(format_rfc3339({1'000'000}, 3), "1970-01-01T00:00:00.001Z");
}

TEST(Rfc3339, ReadsOffsetsAndFractions) {
  const auto ns = [](std::string_view s) {
    const auto t = parse_rfc3339(s);
    EXPECT_TRUE(t) << s;
    return t ? t->ns : 0;
  };
  EXPECT_EQ(ns("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(ns("2026-11-21T09:00:00Z"), 1795251600 * kSecond);
  EXPECT_EQ(ns("2026-11-21T10:30:00+01:30"), 1795251600 * kSecond);
  EXPECT_EQ(ns("2026-11-21T01:00:00-08:00"), 1795251600 * kSecond);
  EXPECT_EQ(ns("2026-11-21t09:00:00z"), 1795251600 * kSecond);
  EXPECT_EQ(ns("2026-11-21T09:00:00.1Z"), 1795251600 * kSecond + 100'000'000);
  EXPECT_EQ(ns("2026-11-21T09:00:00.123456789Z"), 1795251600'123456789);
  EXPECT_EQ(ns("2026-11-21T09:00:00.123456789987Z"), 1795251600'123456789);
  EXPECT_EQ(ns("2024-02-29T00:00:00Z"), 1709164800 * kSecond);
  EXPECT_EQ(ns("1969-12-31T23:59:59.5Z"), -500'000'000);
  EXPECT_EQ(ns("2016-12-31T23:59:60Z"), ns("2017-01-01T00:00:00Z"));
}

TEST(Rfc3339, WhatIsNoTimeIsRefused) {
  for (const char* text :
       {"", "2026-11-21", "2026-11-21T09:00:00", "2026-11-21 09:00:00Z", "2026-11-21T09:00Z",
        "2026-11-21T24:00:00Z", "2026-11-21T09:60:00Z", "2026-11-21T09:00:60Z",
        "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-00-10T00:00:00Z",
        "2026-11-21T09:00:00.Z", "2026-11-21T09:00:00+0100", "2026-11-21T09:00:00+24:00",
        "2026-11-21T09:00:00Zx", "26-11-21T09:00:00Z", "2026-11-21T09:00:00+01:60",
        "+026-11-21T09:00:00Z", "2026-11-21T 9:00:00Z"}) {
    EXPECT_FALSE(parse_rfc3339(text)) << '"' << text << '"';
  }
}

TEST(Rfc3339, BeyondTheRangeIsItsNearestEnd) {
  EXPECT_EQ(parse_rfc3339("9999-12-31T23:59:59Z")->ns, std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(parse_rfc3339("0001-01-01T00:00:00Z")->ns, std::numeric_limits<std::int64_t>::min());
}

TEST(Rfc3339, WhatIsWrittenReadsBack) {
  for (std::int64_t ns = -9'000'000'000'000'000'000;
       ns < 9'000'000'000'000'000'000 - 99'999'999'999'999'999; ns += 99'999'999'999'999'999) {
    EXPECT_EQ(parse_rfc3339(format_rfc3339({ns}, 9))->ns, ns);
  }
}

}  // namespace
}  // namespace base
