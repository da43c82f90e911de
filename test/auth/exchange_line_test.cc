// Which of the tokens that wait is exchanged next, at issuers over HTTPS on the virtual clock: what one
// caller or one issuer can take from the others.
#include "auth/exchange_line.h"

#include <ctime>

#include <sys/stat.h>

#include "auth/token/answer_times.h"
#include "support/issuer_world.h"

namespace {

using auth::ExchangeLine;
using auth::token::ExchangeOutcome;
using base::Errc;
using base::seconds;
using test::FakeAnswer;
using test::FakeApi;
using test::Seen;

// A token that is exchanged once.
struct Exchanged {
  Exchanged(ExchangeLine& line, const std::string& issuer, std::string caller, std::string what)
      : token(std::move(what)),
        job(line, issuer, ExchangeLine::Job::Fn::bind<&Exchanged::on_end>(this)),
        refused(line.enter(job, caller, token)) {}
  void on_end(ExchangeOutcome end) {
    EXPECT_FALSE(outcome) << "told twice";
    outcome.emplace(std::move(end));
    if (on_told) on_told();
  }
  bool good() const { return outcome && outcome->got.has_value(); }
  bool failed() const { return outcome && !outcome->got.has_value(); }
  const std::string token;
  ExchangeLine::Job job;
  std::optional<base::Error> refused;  // it found no room
  std::optional<ExchangeOutcome> outcome;
  std::function<void()> on_told;
};

struct ExchangeLines : test::IssuerWorld {
  ExchangeLines() {
    idp.answer = [this](const Seen& seen) { return endpoint(seen); };
    other.answer = [](const Seen&) { return good(); };
    make({});
  }
  ~ExchangeLines() override { all.clear(); }

  void make(ExchangeLine::Limits limits) {
    all.clear();
    auto with_exchange = [this](int port) {
      const std::string url = "https://127.0.0.1:" + std::to_string(port);
      auth::IssuerSettings s = *auth::token::parse_issuer_url(url);
      s.ca_file = ca_file;
      s.exchange = auth::token::ExchangeSettings{.client_id = "mcp",
                                                 .secret_file = secret_file,
                                                 .audience = "kubernetes",
                                                 .endpoint = url + "/token"};
      return s;
    };
    line = std::make_unique<ExchangeLine>(
        loop, resolver, std::vector{with_exchange(idp.port()), with_exchange(other.port())},
        ExchangeLine::Options{.user_agent = "test",
                              .getenv = [](const char*) -> const char* { return nullptr; },
                              .limits = limits});
  }
  Exchanged& enter(const std::string& caller, int port = 0) {
    const std::string issuer = "https://127.0.0.1:" + std::to_string(port ? port : idp.port());
    return *all.emplace_back(
        std::make_unique<Exchanged>(*line, issuer, caller, "token-" + std::to_string(all.size())));
  }
  void go_by(base::Duration time) {
    clock.advance(time);
    tick.arm(base::Duration::zero());
    loop.run_once();
  }
  // Until no more happens without time going by.
  void settle() {
    const base::TimePoint now = loop.now();
    tick.arm(base::milliseconds(1));
    EXPECT_TRUE(until([&] { return loop.now() > now; }));
  }
  std::size_t posts() const { return idp.seen.size(); }

  static FakeAnswer good() {
    return {.body = R"({"access_token":"x","token_type":"Bearer","expires_in":300})"};
  }
  static FakeAnswer busy(int status, const std::string& retry_after) {
    return {.status = status, .body = "", .extra = "Retry-After: " + retry_after + "\r\n"};
  }
  std::string write_secret() {
    const std::string path = dir.write("secret", "s");
    ::chmod(path.c_str(), 0600);
    return path;
  }

  std::function<FakeAnswer(const Seen&)> endpoint = [](const Seen&) {
    return FakeAnswer{.silent = true};
  };
  const std::string secret_file = write_secret();
  FakeApi other{loop, tls.get()};
  std::unique_ptr<ExchangeLine> line;
  std::vector<std::unique_ptr<Exchanged>> all;
  loop::Timer tick{loop, "tick", loop::Timer::Fn::bind<&ExchangeLines::nothing>(this)};
  void nothing() {}
};

TEST_F(ExchangeLines, AnIssuerThatHangsTakesNothingFromAnother) {
  for (int i = 0; i < 100; ++i)
    EXPECT_FALSE(enter("caller-" + std::to_string(i)).refused);
  settle();
  EXPECT_EQ(line->counts().under_way, auth::kExchangesUnderWay / 2) << "its share of two";
  EXPECT_EQ(line->counts().waiting, 100 - auth::kExchangesUnderWay / 2);
  Exchanged& one = enter("bob", other.port());
  const base::TimePoint asked = loop.now();
  EXPECT_TRUE(until([&] { return one.good(); }));
  EXPECT_LT(loop.now() - asked, seconds(1));
}

TEST_F(ExchangeLines, ACallerHasAShareOfWhatIsUnderWayAndOfWhatWaits) {
  make({.under_way = 16, .waiting_of_caller = 3});  // 8 of each issuer, 2 of a caller
  for (int i = 0; i < 5; ++i)
    EXPECT_FALSE(enter("ann").refused) << i;
  settle();
  EXPECT_EQ(line->counts().under_way, 2u);
  const auto& one_more = enter("ann");
  ASSERT_TRUE(one_more.refused);
  EXPECT_EQ(one_more.refused->code(), Errc::throttled);
  EXPECT_FALSE(enter("bob").refused);
  settle();
  EXPECT_EQ(line->counts().under_way, 3u) << "bob's, at once";
  EXPECT_EQ(line->counts().full, 1u);
}

TEST_F(ExchangeLines, TheLineOfAnIssuerIsBounded) {
  make({.under_way = 4, .waiting = 6});  // 2 and 3 of each
  for (int i = 0; i < 5; ++i)
    EXPECT_FALSE(enter("caller-" + std::to_string(i)).refused) << i;
  const auto& one_more = enter("one more");
  ASSERT_TRUE(one_more.refused);
  EXPECT_EQ(one_more.refused->code(), Errc::unavailable);
  EXPECT_FALSE(enter("one more", other.port()).refused);
}

TEST_F(ExchangeLines, CallersHaveTurns) {
  endpoint = [](const Seen&) { return good(); };
  make({.under_way = 4});
  std::vector<std::string> order;
  const auto note = [&](Exchanged& one, const char* name) {
    one.on_told = [&order, name] { order.emplace_back(name); };
  };
  for (int i = 0; i < 10; ++i)
    note(enter("ann"), "ann");
  note(enter("bob"), "bob");
  EXPECT_TRUE(until([&] { return order.size() == 11; }));
  EXPECT_LT(std::find(order.begin(), order.end(), "bob") - order.begin(), 3);
}

TEST_F(ExchangeLines, WhatHasNoTurnForTooLongIsTold) {
  make({.under_way = 4});  // 2 of each issuer
  enter("a");
  enter("b");
  settle();
  go_by(seconds(5));
  enter("c");
  enter("d");
  Exchanged& late = enter("late");
  go_by(seconds(6));
  EXPECT_EQ(line->counts().waiting, 1u) << "two have the places of those that hung for 10 s";
  EXPECT_FALSE(late.outcome);
  go_by(auth::kExchangePatience - seconds(6));
  ASSERT_TRUE(late.failed());
  EXPECT_EQ(late.outcome->got.error().code(), Errc::unavailable);
  EXPECT_EQ(line->counts().waiting, 0u);
}

// An issuer that had said when to come again was asked after a second, for each caller.
TEST_F(ExchangeLines, AnIssuerThatAsksForAPauseIsLeftAlone) {
  make({.under_way = 4});
  for (const int status : {429, 503}) {
    endpoint = [status](const Seen&) { return busy(status, "30"); };
    Exchanged& first = enter("ann");
    Exchanged& second = enter("bob");
    Exchanged& waits = enter("eve");
    const std::size_t before = posts();
    EXPECT_TRUE(until([&] { return first.failed() && second.failed() && waits.failed(); }));
    EXPECT_LE(posts() - before, 2u) << "the one that waited was not even sent";
    EXPECT_EQ(line->counts().waiting, 0u);
    EXPECT_EQ(first.outcome->retry_after, seconds(30));
    endpoint = [](const Seen&) { return good(); };
    go_by(seconds(28));
    ASSERT_TRUE(enter("ann").refused);
    EXPECT_EQ(all.back()->refused->code(), Errc::unavailable);
    EXPECT_FALSE(enter("bob", other.port()).refused) << "it asked for itself alone";
    go_by(seconds(3));
    Exchanged& again = enter("ann");
    EXPECT_FALSE(again.refused);
    EXPECT_TRUE(until([&] { return again.good(); }));
  }
}

TEST_F(ExchangeLines, APauseIsBounded) {
  endpoint = [](const Seen&) { return busy(503, "86400"); };
  Exchanged& first = enter("ann");
  EXPECT_TRUE(until([&] { return first.failed(); }));
  go_by(auth::token::kMostRetryAfter);
  EXPECT_FALSE(enter("ann").refused);
}

TEST_F(ExchangeLines, APauseMayBeADate) {
  const std::int64_t at = loop.wall_now().ns + std::int64_t{100'000'000'000};
  std::time_t second = at / 1'000'000'000;
  char date[64];
  std::strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", std::gmtime(&second));
  endpoint = [&](const Seen&) { return busy(503, date); };
  Exchanged& first = enter("ann");
  EXPECT_TRUE(until([&] { return first.failed(); }));
  EXPECT_GT(first.outcome->retry_after.value_or(seconds(0)), seconds(90)) << date;
  EXPECT_LE(first.outcome->retry_after.value_or(seconds(0)), seconds(100)) << date;
  go_by(seconds(90));
  EXPECT_TRUE(enter("ann").refused);
  go_by(seconds(11));
  EXPECT_FALSE(enter("ann").refused);
}

TEST_F(ExchangeLines, OnlyOverloadCanAskForAPause) {
  const FakeAnswer rows[] = {busy(500, "30"), busy(400, "30"), busy(503, "-5"), busy(503, "soon"),
                             busy(429, "Wed, 21 Oct 2015 07:28:00 GMT")};
  for (const FakeAnswer& row : rows) {
    endpoint = [&row](const Seen&) { return row; };
    Exchanged& one = enter("ann");
    ASSERT_FALSE(one.refused) << row.status << row.extra;
    EXPECT_TRUE(until([&] { return one.failed(); }));
    EXPECT_FALSE(one.outcome->retry_after) << row.status << row.extra;
  }
}

// Those that are told may free each other.
TEST_F(ExchangeLines, WhatIsToldOfAPauseMayLetTheOthersGo) {
  make({.under_way = 4});
  endpoint = [](const Seen&) { return busy(429, "30"); };
  std::unique_ptr<Exchanged> third, fourth;
  Exchanged& first = enter("ann");
  enter("bob");
  const std::string issuer = "https://127.0.0.1:" + std::to_string(idp.port());
  third = std::make_unique<Exchanged>(*line, issuer, "c", "t3");
  fourth = std::make_unique<Exchanged>(*line, issuer, "d", "t4");
  first.on_told = [&] { third.reset(); };
  EXPECT_TRUE(until([&] { return fourth->failed(); }));
  EXPECT_FALSE(third);
}

}  // namespace
