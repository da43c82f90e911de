// How long an issuer asks to be left alone. How long its keys hold: auth/issuers_test.cc.
#include "auth/token/answer_times.h"

#include <gtest/gtest.h>

namespace {

using base::seconds;

std::optional<base::Duration> wait(std::string_view value, int status = 503) {
  const base::WallTime now = *base::parse_rfc3339("2026-11-29T08:12:09.5Z");
  http::Headers headers;
  headers.add("Retry-After", value);
  return auth::token::retry_after(status, headers, now);
}

TEST(AnswerTimes, RetryAfterInSeconds) {
  EXPECT_EQ(wait("30"), seconds(30));
  EXPECT_EQ(wait(" 30 ", 429), seconds(30));
  EXPECT_EQ(wait("301"), auth::token::kMostRetryAfter);
  for (const char* none : {"0", "-5", "+5", "1.5", "soon", "", "30 s"})
    EXPECT_FALSE(wait(none)) << none;
  EXPECT_FALSE(wait("30", 500));
  EXPECT_FALSE(auth::token::retry_after(503, {}, {}));
}

// Bug: an issuer that asked for more seconds than fit was asked again in one.
TEST(AnswerTimes, ANumberThatDoesNotFitIsTheMost) {
  EXPECT_EQ(wait("9223372036854775807"), auth::token::kMostRetryAfter);
  EXPECT_EQ(wait("99999999999999999999"), auth::token::kMostRetryAfter);
}

// Bug: a date was ignored.
TEST(AnswerTimes, RetryAfterAsADate) {
  EXPECT_EQ(wait("Sun, 29 Nov 2026 08:12:40 GMT"), base::milliseconds(30'500));
  EXPECT_EQ(wait("Mon, 30 Nov 2026 08:12:40 GMT", 429), auth::token::kMostRetryAfter);
  EXPECT_EQ(wait("Fri, 31 Dec 9999 23:59:59 GMT"), auth::token::kMostRetryAfter);
  for (const char* past : {"Sun, 29 Nov 2026 08:12:09 GMT", "Wed, 21 Oct 2026 07:28:00 GMT",
                           "Fri, 31 Dec 0001 23:59:59 GMT"})
    EXPECT_FALSE(wait(past)) << past;
}

}  // namespace
