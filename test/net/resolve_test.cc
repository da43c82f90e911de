// Names to addresses, with a name server of our own on loopback and the virtual clock.

#include "net/resolve.h"

#include <cstdio>
#include <cstdlib>
#include <optional>

#include <gtest/gtest.h>

#include "base/log.h"
#include "support/fake_dns.h"
#include "support/net_support.h"

namespace {

using base::Errc;

struct Asker {
  explicit Asker(net::Resolver& resolver)
      : resolution(resolver, net::Resolution::Fn::bind<&Asker::on_answer>(this)) {}
  void on_answer(base::Result<std::vector<net::Address>> result) {
    ++answers;
    text.clear();
    if (result) {
      for (const auto& a : *result)
        text += (text.empty() ? "" : " ") + a.text();
    } else {
      code = result.error().code();
      text = result.error().what();
    }
  }
  net::Resolution resolution;
  int answers = 0;
  std::string text;
  std::optional<Errc> code;
};

// With the dot at their end names are complete: the machine's search list does not matter.
struct Resolve : testing::Test {
  loop::VirtualClock clock;
  loop::Loop loop{clock};
  test::FakeDns dns{loop};
  net::Resolver resolver{loop, dns.server()};
  Asker asker{resolver};

  std::string ask(const std::string& host) {
    const int before = asker.answers;
    asker.code.reset();
    asker.resolution.start(host, 443);
    EXPECT_EQ(asker.answers, before) << "answered inside start()";
    EXPECT_TRUE(test::run_until(loop, [&] { return asker.answers > before; }));
    return asker.text;
  }
};

TEST_F(Resolve, LiteralsAndLocalhostAskNobody) {
  EXPECT_EQ(ask("10.1.2.3"), "10.1.2.3:443");
  EXPECT_EQ(ask("[fd00::1]"), "[fd00::1]:443");
  EXPECT_EQ(ask("fd00::1"), "[fd00::1]:443");
  EXPECT_EQ(ask("LocalHost"), "127.0.0.1:443 [::1]:443");
  EXPECT_EQ(dns.queries, 0);
}

TEST_F(Resolve, FamiliesAlternate) {
  dns.names["api.example"] = {"127.0.0.1", "127.0.0.2", "::1"};
  const std::string got = ask("API.example.");
  EXPECT_TRUE(got == "[::1]:443 127.0.0.1:443 127.0.0.2:443" ||
              got == "127.0.0.1:443 [::1]:443 127.0.0.2:443")
      << got;
  EXPECT_EQ(dns.queries, 2);
}

TEST_F(Resolve, KeepsAnAnswerForItsTimeAndThenAsksAgain) {
  dns.names["api.example"] = {"127.0.0.1"};
  EXPECT_EQ(ask("api.example."), "127.0.0.1:443");
  dns.names["api.example"] = {"127.0.0.9"};
  clock.advance(net::kAnswerTtl - base::seconds(1));
  loop.run_once();
  EXPECT_EQ(ask("api.example."), "127.0.0.1:443");
  EXPECT_EQ(dns.queries, 2);
  clock.advance(base::seconds(1));
  loop.run_once();
  EXPECT_EQ(ask("api.example."), "127.0.0.9:443") << "C9: the name moved";
}

TEST_F(Resolve, ANameThatIsNotThereIsAskedForAgain) {
  EXPECT_EQ(ask("api.example."), "resolve api.example.: no such host");
  EXPECT_EQ(asker.code, Errc::not_found);
  dns.names["api.example"] = {"127.0.0.1"};
  EXPECT_EQ(ask("api.example."), "127.0.0.1:443") << "C8: nothing negative is kept";
}

TEST_F(Resolve, SilentServersAreALimitedWait) {
  dns.silent = true;
  const auto start = loop.now();
  EXPECT_EQ(ask("api.example."), "resolve api.example.: no answer from the name servers");
  EXPECT_EQ(asker.code, Errc::timeout);
  EXPECT_EQ(loop.now() - start, net::kResolveTimeout);
  EXPECT_GT(dns.queries, 0);
  // Nothing stays behind.
  EXPECT_EQ(loop.timers(), 0u);
  EXPECT_EQ(loop.watches(), 1u) << "the fake server's own";
  dns.silent = false;
  dns.names["api.example"] = {"127.0.0.1"};
  EXPECT_EQ(ask("api.example."), "127.0.0.1:443");
}

TEST_F(Resolve, FallsBackToTheLastGoodAnswer) {
  std::string log;
  base::log::capture(&log);
  dns.names["api.example"] = {"127.0.0.1"};
  EXPECT_EQ(ask("api.example."), "127.0.0.1:443");
  clock.advance(net::kAnswerTtl);
  loop.run_once();
  dns.silent = true;
  EXPECT_EQ(ask("api.example."), "127.0.0.1:443");
  EXPECT_NE(log.find("going on with the last good answer"), std::string::npos) << log;
  dns.silent = false;
  dns.broken = true;
  EXPECT_EQ(ask("api.example."), "127.0.0.1:443");
  dns.broken = false;
  dns.names.clear();
  EXPECT_EQ(ask("api.example."), "resolve api.example.: no such host");
  base::log::capture(nullptr);
}

TEST_F(Resolve, SameQuestionsShareOneQuery) {
  dns.names["api.example"] = {"127.0.0.1"};
  Asker other(resolver), third(resolver);
  asker.resolution.start("api.example.", 1);
  other.resolution.start("api.example.", 2);
  third.resolution.start("api.example.", 3);
  third.resolution.cancel();
  ASSERT_TRUE(test::run_until(loop, [&] { return asker.answers + other.answers == 2; }));
  EXPECT_EQ(asker.text, "127.0.0.1:1");
  EXPECT_EQ(other.text, "127.0.0.1:2");
  EXPECT_EQ(third.answers, 0);
  EXPECT_EQ(dns.queries, 2);
}

TEST_F(Resolve, CancelledQuestionsStaySilentInEveryPhase) {
  dns.names["api.example"] = {"127.0.0.1"};
  for (int turns = 0; turns < 6; ++turns) {
    clock.advance(net::kAnswerTtl * 2);
    loop.run_once();
    Asker brief(resolver);
    brief.resolution.start("api.example.", 1);
    for (int i = 0; i < turns && brief.answers == 0; ++i)
      loop.run_once();
    const int before = brief.answers;
    brief.resolution.cancel();
    EXPECT_FALSE(brief.resolution.active());
    for (int i = 0; i < 20; ++i)
      loop.run_once();
    EXPECT_EQ(brief.answers, before);
  }
  Asker literal(resolver);
  literal.resolution.start("127.0.0.1", 1);
  literal.resolution.cancel();
  loop.run_once();
  EXPECT_EQ(literal.answers, 0);
}

TEST_F(Resolve, NamesThatAreNone) {
  const std::string bad[] = {"", "a b", std::string("a\0b", 3), std::string(300, 'a'),
                             "\xc3\xbc.example"};
  for (const auto& name : bad) {
    EXPECT_NE(ask(name).find(": not a host name"), std::string::npos) << asker.text;
    EXPECT_EQ(asker.code, Errc::invalid_argument);
  }
  EXPECT_EQ(dns.queries, 0);
}

TEST_F(Resolve, TheHostsFileIsHonoured) {
  char path[] = "/tmp/k0rdent-mcp-hosts-XXXXXX";
  const base::Fd fd(::mkstemp(path));
  const std::string line = "127.0.0.7 hosted.example\n";
  ASSERT_EQ(::write(fd.get(), line.data(), line.size()), static_cast<ssize_t>(line.size()));
  ASSERT_EQ(::setenv("CARES_HOSTS", path, 1), 0);
  EXPECT_EQ(ask("hosted.example"), "127.0.0.7:443");
  EXPECT_EQ(dns.queries, 0);
  ::unsetenv("CARES_HOSTS");
  ::unlink(path);
}

TEST_F(Resolve, AResolverMayDieWithAQueryUnderWay) {
  dns.silent = true;
  net::Resolver brief(loop, dns.server());
  {
    Asker gone(brief);
    gone.resolution.start("api.example.", 1);
    loop.run_once();
  }
  EXPECT_GT(loop.timers(), 0u);
}

}  // namespace
