// A secret below its name in a log that is followed: masked as a read of the same log masks it.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "logs/manager.h"
#include "redact/redactor.h"
#include "support/tools_world.h"

namespace {

struct SecretInLog : test::ToolsWorld {
  SecretInLog() {
    context->redactor = &redactor;
    cluster.set_pod({.ns = "team-a", .name = "web"});
    manager.start();
    one.feed = manager.subscribe(one, *logs::Request::from_uri(one.uri()));
    run_until([&] { return one.answered(); });
  }
  ~SecretInLog() override {
    one.feed.reset();
    manager.stop();
    loop.run_once();
  }
  // What the subscriber gets for these lines.
  std::string followed(const std::vector<std::string>& lines) {
    const std::size_t before = one.deltas.size();
    for (const std::string& each : lines)
      cluster.log("team-a", "web", "app", each);
    EXPECT_TRUE(run_until([&] { return one.deltas.size() == before + lines.size(); }));
    std::string out;
    for (std::size_t i = before; i < one.deltas.size(); ++i)
      out += one.deltas[i] + "\n";
    return out;
  }
  static std::size_t count(const std::string& text, const std::string& what) {
    std::size_t n = 0;
    for (std::size_t at = text.find(what); at != text.npos; at = text.find(what, at + 1))
      ++n;
    return n;
  }
  redact::Redactor redactor;
  logs::Manager manager{managed()};
  test::TestSubscriber one{"k0rdent://podlogs/team-a/web/app"};
};

// Bug: "password: |" and the like told nothing about the lines below.
TEST_F(SecretInLog, AFollowedLogMasksWhatIsBelowTheName) {
  const std::vector<std::vector<std::string>> stories = {
      {"password: |", "  LEAK", "  LEAK", "next: shown"},
      {"password:", "  LEAK", "shown"},
      {"{", "  \"password\":", "    \"LEAK\"", "}", "shown"},
      {"kind: Secret", "data:", "  foo: LEAK", "---", "data:", "  foo: shown"},
      {"stringData:", "  bar: LEAK", "shown"}};
  for (const auto& each : stories) {
    const std::string text = followed(each);
    EXPECT_EQ(text.find("LEAK"), std::string::npos) << text;
    EXPECT_NE(text.find("<redacted:"), std::string::npos) << text;
    EXPECT_NE(text.find("shown"), std::string::npos) << text;
  }
}

TEST_F(SecretInLog, ARestartEndsIt) {
  followed({"password: |", "  LEAK"});
  cluster.restart_pod({.ns = "team-a", .name = "web"});
  pass(base::seconds(2));
  cluster.log("team-a", "web", "app", "  y shown");
  EXPECT_TRUE(run_until([&] { return count(one.deltas.back(), "y shown") == 1; }))
      << one.deltas.back();
}

}  // namespace
