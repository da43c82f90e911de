// Dates in headers.
#include "http/date.h"

#include <gtest/gtest.h>

namespace {

TEST(HttpDate, TheUsualFormIsRead) {
  const auto date = http::parse_date("Sun, 29 Nov 2026 08:12:09 GMT");
  ASSERT_TRUE(date.has_value());
  EXPECT_EQ(base::format_rfc3339(*date, 0), "2026-11-29T08:12:09Z");
  EXPECT_EQ(http::parse_date("Thu, 01 Jan 1970 00:00:00 GMT")->ns, 0);
}

TEST(HttpDate, AnythingElseIsNone) {
  for (const char* text : {"", "120", "Sun, 29 Nov 2026", "Sun, 29 Nov 2026 08:12:09 CET",
                           "Sunday, 29-Nov-26 08:12:09 GMT", "Sun, 29 Nov 2026 08:12:09 GMT x",
                           "Sun, 29 Nov 2026 25:12:09 GMT", "2026-11-29T08:12:09Z"})
    EXPECT_FALSE(http::parse_date(text)) << text;
}

// Bug: a far year overflowed.
TEST(HttpDate, AFarYearIsClamped) {
  EXPECT_GT(http::parse_date("Fri, 31 Dec 9999 23:59:59 GMT")->ns,
            std::int64_t{9'000'000'000'000'000'000});
  EXPECT_LT(http::parse_date("Fri, 31 Dec 0001 23:59:59 GMT")->ns,
            -std::int64_t{9'000'000'000'000'000'000});
}

}  // namespace
