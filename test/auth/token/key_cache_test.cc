// When an issuer that asks for a pause (Retry-After), or whose set wavers, is asked for its keys again.
// Other times and states of the keys: auth/issuers_test.cc.
#include "auth/token/key_cache.h"

#include "auth/token/answer_times.h"
#include "support/issuer_world.h"

namespace {

using base::minutes;
using base::seconds;
using test::ec_signer;
using test::jwks;
using test::quote;
using test::Signer;

struct KeyCachePause : test::IssuerWorld {
  // A token of a key that the issuer may publish later.
  std::string of_next(const std::string& kid) {
    return next.token("ES256", header(kid), test::object(claims()));
  }
  const Signer next = Signer::ec("P-256");
};

TEST_F(KeyCachePause, OneThatAsksForAPauseIsAskedAgainAfterIt) {
  start();
  answers["/keys"] = {.status = 503, .extra = "Retry-After: 120\r\n"};
  pass(minutes(6));
  ASSERT_EQ(state(), State::stale);
  const std::uint64_t before = fetches();
  const auto o = check(of_next("new"));
  EXPECT_EQ(o.said, Said::unavailable) << "its new key may be there";
  EXPECT_EQ(o.retry_after, seconds(120));
  pass(seconds(119));
  EXPECT_EQ(check(of_next("other")).said, Said::unavailable);
  EXPECT_EQ(said(token()), "accepted") << "meanwhile the last good keys serve";
  EXPECT_EQ(fetches(), before) << "neither by its time nor for an unknown key";
  publish(jwks({ec_signer().jwk(R"("kid":"ec")"), next.jwk(R"("kid":"new")")}));
  answers["/keys"].status = 200;
  pass(seconds(1));
  EXPECT_EQ(fetches(), before + 1);
  EXPECT_EQ(said(of_next("new")), "accepted");
}

TEST_F(KeyCachePause, APauseIsNeverShorterThanTheBackoffNorLongerThanFiveMinutes) {
  answers[kMetadata] = {.status = 503, .extra = "Retry-After: 1\r\n"};
  start();
  for (int i = 0; i < 8; ++i)
    pass(minutes(2));
  const auto waits = [&] {
    const std::uint64_t n = fetches();
    const base::TimePoint begun = loop.now();
    EXPECT_TRUE(until([&] { return fetches() > n; }));
    EXPECT_TRUE(until([&] { return !issuers->status().front().fetching; }));
    return loop.now() - begun;
  };
  EXPECT_GE(waits(), seconds(60));
  for (const char* longer : {"86400", "99999999999999999999"}) {
    answers[kMetadata].extra = "Retry-After: " + std::string(longer) + "\r\n";
    pass(minutes(10));
    EXPECT_LE(waits(), auth::token::kMostRetryAfter) << longer;
  }
  answers[kMetadata].extra = "Retry-After: 300\r\n";
  pass(minutes(10));
  EXPECT_EQ(waits(), auth::token::kMostRetryAfter);
}

// Bug: 429 counted as "no such document": the other form of the metadata was asked for at once, and
// the time that the first answer named was lost.
TEST_F(KeyCachePause, OneThatIsAskedTooOftenIsNotAskedForTheOtherForm) {
  answers[kMetadata] = {.status = 429, .extra = "Retry-After: 90\r\n"};
  start();
  EXPECT_EQ(state(), State::failed);
  EXPECT_EQ(asked(kOtherMetadata), 0U);
  EXPECT_EQ(check(token()).retry_after, seconds(90));
  pass(seconds(89));
  EXPECT_EQ(asked(kMetadata), 1U);
  pass(seconds(1));
  EXPECT_EQ(asked(kMetadata), 2U);
}

// Bug: one fetch from a replica that was behind refused all tokens of the new key for a minute, and a
// made-up kid could cause it.
TEST_F(KeyCachePause, AKeyOfAFormerSetIsSoughtAgain) {
  start();
  const std::string old = jwks({ec_signer().jwk(R"("kid":"ec")")});
  const std::string both = jwks({ec_signer().jwk(R"("kid":"ec")"), next.jwk(R"("kid":"new")")});
  pass(seconds(11));
  publish(both);
  EXPECT_EQ(said(of_next("new")), "accepted");
  for (int round = 0; round < 4; ++round) {
    pass(seconds(11));
    publish(old);
    const std::uint64_t before = fetches();
    EXPECT_EQ(check(of_next("made-up-" + std::to_string(round))).said, Said::refused);
    publish(both);
    EXPECT_EQ(check(of_next("new")).said, Said::unavailable) << "no log-in would change that";
    EXPECT_EQ(fetches(), before + 1);
    pass(seconds(10));
    EXPECT_EQ(said(of_next("new")), "accepted") << round;
    EXPECT_EQ(fetches(), before + 2);
  }
  // Two in turn that have the old one: the token is refused, but the next one is sought.
  pass(seconds(11));
  publish(old);
  EXPECT_EQ(check(of_next("made-up")).said, Said::refused);
  pass(seconds(10));
  EXPECT_EQ(check(of_next("new")).said, Said::refused);
  publish(both);
  pass(seconds(10));
  EXPECT_EQ(said(of_next("new")), "accepted");
}

TEST_F(KeyCachePause, AWithdrawnKeyCausesAFetchInTenSecondsForAnHour) {
  publish(jwks({ec_signer().jwk(R"("kid":"ec")"), next.jwk(R"("kid":"new")")}));
  start();
  publish(jwks({ec_signer().jwk(R"("kid":"ec")")}));
  pass(minutes(6));
  pass(seconds(10));
  for (int i = 0; i < 3; ++i) {
    const std::uint64_t before = fetches();
    EXPECT_EQ(check(of_next("new")).said, Said::refused);
    EXPECT_EQ(fetches(), before + 1);
    EXPECT_EQ(check(of_next("new")).said, Said::unavailable);
    pass(seconds(10));
  }
  pass(minutes(60));
  pass(seconds(10));
  ASSERT_EQ(check(of_next("new")).said, Said::refused);
  pass(seconds(11));
  const std::uint64_t before = fetches();
  EXPECT_EQ(check(of_next("new")).said, Said::refused) << "as any that is not there";
  EXPECT_EQ(fetches(), before);
}

}  // namespace
