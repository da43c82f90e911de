// The table of outcomes, row by row: each row's observation, and what it means for the breaker, the
// backoff, the cursor, the delay and the scope.
#include "kube/watch/outcome.h"

#include <string>

#include <gtest/gtest.h>

namespace {

using base::Errc;
using base::seconds;
using kube::Failure;
using kube::watch::judge;
using kube::watch::Observation;
using kube::watch::Outcome;
using kube::watch::Seen;
using kube::watch::Tally;
using What = Observation::What;
using Breaker = Outcome::Breaker;
using Backoff = Outcome::Backoff;
using Cursor = Outcome::Cursor;
using Delay = Outcome::Delay;
using Scope = Outcome::Scope;
using Tell = Outcome::Tell;

// One line per outcome, in the table's order of columns.
std::string text(const Outcome& o) {
  static constexpr const char* kBreaker[] = {"none", "neutral", "failure"};
  static constexpr const char* kBackoff[] = {"-", "next", "own"};
  static constexpr const char* kCursor[] = {"K", "D"};
  static constexpr const char* kDelay[] = {"floor", "backoff", "slow", "never"};
  static constexpr const char* kScope[] = {"-", "S", "C", "A"};
  static constexpr const char* kTell[] = {"", " down", " denied"};
  return std::string(kBreaker[static_cast<int>(o.breaker)]) + " " +
         kBackoff[static_cast<int>(o.backoff)] + " " + kCursor[static_cast<int>(o.cursor)] + " " +
         kDelay[static_cast<int>(o.delay)] + " " + kScope[static_cast<int>(o.scope)] +
         kTell[static_cast<int>(o.tell)];
}

Failure status(int code, std::string_view reason = "") {
  Failure f = Failure::from_response(
      code, R"({"kind":"Status","code":)" + std::to_string(code) + "}", std::nullopt);
  f.reason = reason;
  return f;
}
// The same code, and not by the API server.
Failure page(int code) {
  return Failure::from_response(code, "<html>nginx</html>", std::nullopt);
}
Failure transport(Errc code) {
  return Failure::from_error(base::Error(code, "broken"));
}
Failure version_too_large() {
  Failure f = status(504, "Timeout");
  f.cause = "ResourceVersionTooLarge";
  return f;
}

class Table : public ::testing::Test {
 protected:
  std::string see(const Observation& what) {
    const Outcome o = judge(what, tally);
    seen = o.seen;
    return text(o);
  }
  std::string refused(const Failure& failure, bool once_confirmed = false) {
    return see({.what = What::refused, .failure = &failure, .once_confirmed = once_confirmed});
  }
  std::string in_stream(const Failure& failure, bool confirmed = false) {
    return see({.what = What::error_frame, .failure = &failure, .confirmed = confirmed});
  }
  std::string ended(base::Duration after, std::uint64_t frames, What what = What::ended,
                    bool may_suspect = true) {
    return see({.what = what,
                .confirmed = true,
                .may_suspect = may_suspect,
                .frames = frames,
                .open_for = after,
                .timeout = seconds(300)});
  }
  Tally tally;
  Seen seen{};
};

TEST_F(Table, OutcomeRow01EndedAfterItsTimeoutSeconds) {
  EXPECT_EQ(ended(seconds(300), 5), "none - K floor -");
}

TEST_F(Table, OutcomeRow02EndedEarlierButConfirmed) {
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(ended(seconds(5), 1), "none - K floor -");
}

TEST_F(Table, OutcomeRow03CutAfterItWasConfirmed) {
  EXPECT_EQ(ended(seconds(100), 3, What::cut), "failure next K backoff A");
  EXPECT_EQ(seen, Seen::cut);
}

TEST_F(Table, OutcomeRow04EndedWithinASecondWithoutAFrame) {
  for (const What how : {What::ended, What::cut}) {
    Tally fresh;
    const Observation what{.what = how};
    EXPECT_EQ(text(judge(what, fresh)), "failure next K backoff S down");
    EXPECT_EQ(text(judge(what, fresh)), "failure next D backoff S down");
    fresh.new_cursor();
    EXPECT_EQ(text(judge(what, fresh)), "failure next K backoff S down") << "another cursor";
    fresh.confirmed();
    EXPECT_EQ(text(judge(what, fresh)), "failure next K backoff S down");
  }
  EXPECT_EQ(see({.what = What::ended, .events = true}), "failure next D backoff S down");
}

TEST_F(Table, OutcomeRow04bTheThirdQuietShortStreamInARow) {
  EXPECT_EQ(ended(seconds(20), 0), "none - K floor S");
  EXPECT_EQ(ended(seconds(20), 0), "none - K floor S");
  EXPECT_EQ(ended(seconds(29), 0), "none - D floor S");
  EXPECT_EQ(ended(seconds(29), 0, What::ended, false), "none - K floor S")
      << "at most once in five minutes";
  EXPECT_EQ(ended(seconds(31), 0), "none - K floor -") << "not short: a tenth of the timeout";
  EXPECT_EQ(ended(seconds(20), 0), "none - K floor S") << "not in a row";
  EXPECT_EQ(ended(seconds(20), 0), "none - K floor S");
  tally.good_frame();
  EXPECT_EQ(ended(seconds(20), 0), "none - K floor S");
  // Those that are cut are failures, and the same holds of their cursor.
  tally = {};
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(ended(seconds(20), 0, What::cut), "failure next K backoff A");
  EXPECT_EQ(ended(seconds(20), 0, What::cut), "failure next D backoff A");
  EXPECT_EQ(ended(seconds(20), 0, What::cut, false), "failure next K backoff A");
  Tally short_timeout;
  const Observation what{
      .what = What::ended, .confirmed = true, .open_for = seconds(8), .timeout = seconds(60)};
  EXPECT_EQ(judge(what, short_timeout).seen, Seen::ended) << "8 s are not short for 60 s";
}

TEST_F(Table, OutcomeRow05AnErrorFrame410AtOnce) {
  const Failure gone = status(410, "Expired");
  EXPECT_EQ(in_stream(gone), "none - D floor S");
  EXPECT_EQ(in_stream(gone), "failure next D backoff S down");
  EXPECT_EQ(in_stream(gone), "failure next D backoff S down");
  tally.new_cursor();
  EXPECT_EQ(in_stream(gone), "failure next D backoff S down") << "a list proves nothing";
  tally.confirmed();
  EXPECT_EQ(in_stream(gone), "none - D floor S");
}

TEST_F(Table, OutcomeRow06AnHttp410) {
  EXPECT_EQ(refused(status(410)), "none - D floor S");
  EXPECT_EQ(in_stream(status(410)), "failure next D backoff S down") << "the same row";
}

TEST_F(Table, OutcomeRow07A410AfterAConfirmedStream) {
  tally.confirmed();
  EXPECT_EQ(in_stream(status(410), true), "none - D floor S");
  EXPECT_EQ(in_stream(status(410)), "failure next D backoff S down") << "the relist did not help";
  tally.confirmed();
  EXPECT_EQ(in_stream(status(410), true), "none - D floor S");
}

TEST_F(Table, OutcomeRow08A401ThatFreshCredentialsMayMend) {
  EXPECT_EQ(in_stream(status(401), true), "none - K floor C");
  EXPECT_EQ(in_stream(status(401)), "neutral own K backoff C denied") << "once";
}

TEST_F(Table, OutcomeRow09A401Again) {
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(refused(status(401)), "neutral own K backoff C denied");
}

TEST_F(Table, OutcomeRow10A403) {
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(refused(status(403)), "neutral own K slow C denied");
  // What worked before: an API server that starts has not read its RBAC rules yet.
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(refused(status(403), true), "neutral own K backoff C down");
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(refused(status(403), true), "neutral own K slow C denied");
  tally.confirmed();
  EXPECT_EQ(refused(status(403), true), "neutral own K backoff C down");
}

TEST_F(Table, OutcomeRow11A404OfTheCollection) {
  EXPECT_EQ(refused(status(404), true), "neutral own D slow S denied");
}

TEST_F(Table, OutcomeRow12ARequestThatIsWrong) {
  for (const int code : {400, 405, 406, 415, 422})
    EXPECT_EQ(refused(status(code)), "neutral - K never - denied") << code;
  EXPECT_EQ(refused(transport(Errc::invalid_argument)), "neutral - K never - denied");
}

// An HTML 400 of a balancer ended a watch for good, its 404 took the collection away.
TEST_F(Table, WhatIsNoStatusIsAFailureOfTheWayWhateverItsCode) {
  for (const int code :
       {301, 302, 400, 401, 402, 403, 404, 405, 406, 409, 410, 415, 418, 422, 451}) {
    EXPECT_EQ(refused(page(code)), "failure next K backoff A down") << code;
    EXPECT_EQ(refused(page(code), true), "failure next K backoff A down") << code;
    EXPECT_EQ(seen, Seen::not_the_protocol) << code;
    EXPECT_FALSE(page(code).says(code)) << code;
    EXPECT_FALSE(page(code).expired()) << code;
  }
  EXPECT_EQ(refused(page(429)), "failure next K backoff A down");
  EXPECT_EQ(seen, Seen::throttled) << "an API server's own, as plain text";
  EXPECT_EQ(refused(page(503)), "failure next K backoff A down");
  EXPECT_EQ(seen, Seen::server_error);
}

TEST_F(Table, ARequestThatWorkedAndIsWrongNowIsTriedAgain) {
  for (const int code : {400, 405, 406, 415, 422}) {
    tally = Tally();
    EXPECT_EQ(refused(status(code), true), "neutral own K backoff S down") << code;
    EXPECT_EQ(refused(status(code), true), "neutral own K backoff S down") << code;
    EXPECT_EQ(refused(status(code), true), "neutral own D slow S denied") << code;
    tally.confirmed();
    EXPECT_EQ(refused(status(code), true), "neutral own K backoff S down") << code;
    const Failure wrong = status(code);
    tally = Tally();
    EXPECT_EQ(see({.what = What::refused, .failure = &wrong, .once_listed = true}),
              "neutral own K backoff S down")
        << "the list of the same selectors had worked; " << code;
  }
}

TEST_F(Table, OutcomeRow13ThrottledWithATime) {
  Failure f = status(429);
  f.retry_after = seconds(7);
  EXPECT_EQ(refused(f), "failure next K backoff A down");
}

TEST_F(Table, OutcomeRow14ThrottledWithout) {
  EXPECT_EQ(in_stream(status(429, "TooManyRequests"), true), "failure next K backoff A down");
}

TEST_F(Table, OutcomeRow15ServerErrors) {
  for (const int code : {500, 502, 503, 504, 408, 413, 599}) {
    Tally fresh;
    const Failure f = status(code);
    const Observation what{.what = What::refused, .failure = &f};
    EXPECT_EQ(text(judge(what, fresh)), "failure next K backoff A down") << code;
    judge(what, fresh);
    EXPECT_EQ(text(judge(what, fresh)),
              code == 500 ? "failure next D backoff A down" : "failure next K backoff A down")
        << "thrice on one cursor: only of 500 may it be the cursor; " << code;
  }
}

TEST_F(Table, OutcomeRow16AVersionFromTheFuture) {
  EXPECT_EQ(in_stream(version_too_large()), "none - D floor S");
  EXPECT_EQ(refused(version_too_large()), "failure next D backoff S down");
}

TEST_F(Table, OutcomeRow17NothingListens) {
  EXPECT_EQ(refused(transport(Errc::unavailable)), "failure next K backoff A down");
}

TEST_F(Table, OutcomeRow18NoSuchHost) {
  EXPECT_EQ(refused(transport(Errc::not_found)), "failure next K backoff A down");
  EXPECT_EQ(seen, Seen::unknown_host);
}

TEST_F(Table, OutcomeRow19DialHandshakeOrHeadTakeTooLong) {
  EXPECT_EQ(refused(transport(Errc::timeout)), "failure next K backoff A down");
  EXPECT_EQ(seen, Seen::timeout);
}

TEST_F(Table, OutcomeRow20TheServersCertificateDoesNotVerify) {
  EXPECT_EQ(refused(transport(Errc::unavailable)), "failure next K backoff A down");
}

TEST_F(Table, OutcomeRow21OurCertificateIsRefused) {
  EXPECT_EQ(refused(transport(Errc::unauthorized)), "failure next K backoff C down");
}

TEST_F(Table, OutcomeRow22WhatAnswersIsNoApiServer) {
  EXPECT_EQ(refused(transport(Errc::protocol)), "failure next K backoff A down");
  EXPECT_EQ(refused(Failure::from_bad_answer(200, "an HTML page", "<html>")),
            "failure next K backoff A down");
}

TEST_F(Table, OutcomeRow23AFrameThatDoesNotDecode) {
  const Failure bad = transport(Errc::protocol);
  const Observation what{.what = What::undecodable, .failure = &bad, .confirmed = true};
  EXPECT_EQ(see(what), "failure next K backoff S down");
  EXPECT_EQ(see(what), "failure next K backoff S down");
  EXPECT_EQ(see(what), "failure next D backoff S down");
  tally.good_frame();
  EXPECT_EQ(see(what), "failure next K backoff S down");
}

TEST_F(Table, OutcomeRow24AFrameOverTheLimit) {
  const Failure large = transport(Errc::too_large);
  EXPECT_EQ(see({.what = What::undecodable, .failure = &large, .confirmed = true}),
            "failure next K slow S down");
}

TEST_F(Table, OutcomeRow25TheDeadlineWithoutAByte) {
  EXPECT_EQ(see({.what = What::deadline, .confirmed = true}), "failure next K backoff A down");
}

TEST_F(Table, OutcomeRow26TheDeadlineAfterFrames) {
  EXPECT_EQ(see({.what = What::deadline, .confirmed = true, .frames = 4}),
            "failure next K backoff A");
}

TEST_F(Table, OutcomeRow27NothingButBookmarksOrSilenceAndAnEndInTime) {
  EXPECT_EQ(ended(seconds(300), 0), "none - K floor -");
  EXPECT_EQ(ended(seconds(300), 6), "none - K floor -");
}

TEST_F(Table, OutcomeRow28CancelledByUs) {
  EXPECT_EQ(see({.what = What::cancelled}), "neutral - K never -");
}

TEST_F(Table, OutcomeRow29ARedirect) {
  for (const int code : {301, 302, 307, 308})
    EXPECT_EQ(refused(status(code)), "failure next K slow S down") << code;
}

TEST_F(Table, OutcomeRow30AnInterimAnswerIsNoOutcome) {
  EXPECT_EQ(see({.what = What::interim}), "none - K floor -");
}

TEST_F(Table, EveryRowHasAName) {
  for (std::size_t i = 0; i < kube::watch::kSeen; ++i)
    EXPECT_STRNE(kube::watch::to_string(static_cast<Seen>(i)), "");
}

TEST_F(Table, CountsDoNotOverflow) {
  const Failure f = status(500);
  for (int i = 0; i < 1000; ++i)
    EXPECT_EQ(refused(f),
              i < 2 ? "failure next K backoff A down" : "failure next D backoff A down");
}

}  // namespace
