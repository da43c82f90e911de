// A private key in a log, over several lines: followed, and read from its middle on.
#include <string>

#include <gtest/gtest.h>

#include "logs/get_tool.h"
#include "logs/manager.h"
#include "redact/redactor.h"
#include "support/tools_world.h"

namespace {

const std::string kBody = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";
const std::string kShort = "p4HB/w==";
const std::string kBegin = "-----BEGIN RSA PRIVATE KEY-----",
                  kEnd = "-----END RSA PRIVATE KEY-----";

struct KeyInLog : test::ToolsWorld {
  KeyInLog() {
    context->redactor = &redactor;
    cluster.set_pod({.ns = "team-a", .name = "web"});
  }
  void line(const std::string& text) { cluster.log("team-a", "web", "app", text); }
  redact::Redactor redactor;
};

TEST_F(KeyInLog, AFollowedLogMasksTheLinesOfAKey) {
  logs::Manager manager(managed());
  manager.start();
  test::TestSubscriber one("k0rdent://podlogs/team-a/web/app");
  one.feed = manager.subscribe(one, *logs::Request::from_uri(one.uri()));
  ASSERT_TRUE(run_until([&] { return one.answered(); }));
  for (const std::string& each : {std::string("started"), kBegin, kBody, kShort, kEnd, kBody})
    line(each);
  ASSERT_TRUE(run_until([&] { return one.deltas.size() == 6; }));
  for (const std::size_t i : {2, 3}) {
    EXPECT_NE(one.deltas[i].find("<redacted:"), std::string::npos) << one.deltas[i];
    EXPECT_EQ(one.deltas[i].find(i == 2 ? kBody : kShort), std::string::npos) << one.deltas[i];
  }
  EXPECT_NE(one.deltas[5].find(kBody), std::string::npos) << "it is no key's any more";
  one.feed.reset();
  manager.stop();
  loop.run_once();
}

TEST_F(KeyInLog, AReadThatBeginsInsideAKeyMasksItsLines) {
  const auto tool = logs::make_pod_logs_tool(*context);
  for (const std::string& each : {kBegin, kBody, kBody, kBody})
    line(each);
  const std::string text =
      call(*tool, R"({"namespace":"team-a","pod":"web","container":"app","tailLines":2})").text;
  EXPECT_EQ(text.find(kBody), std::string::npos) << text;
  EXPECT_NE(text.find("<redacted:"), std::string::npos) << text;
}

}  // namespace
