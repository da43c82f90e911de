// A private key whose lines come one by one.
#include "redact/key_lines.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "logs/get_tool.h"
#include "logs/manager.h"
#include "support/tools_world.h"

namespace {

using redact::KeyLines;
using Lines = std::vector<std::string>;

const std::string kBody = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";
const std::string kShort = "p4HB/w==";
const std::string kBegin = "-----BEGIN RSA PRIVATE KEY-----",
                  kEnd = "-----END RSA PRIVATE KEY-----";

struct KeyLinesTest : testing::Test {
  // Each line as it is shown; a mask is "#".
  Lines shown(const Lines& lines) {
    Lines out;
    for (const std::string& line : lines) {
      std::string masked;
      out.push_back(keys.clean(line, masked) ? masked : line);
      std::string& text = out.back();
      for (std::size_t at; (at = text.find("<redacted:")) != text.npos;)
        text.replace(at, text.find('>', at) + 1 - at, "#");
    }
    return out;
  }
  redact::Redactor redactor;
  KeyLines keys{redactor};
};

TEST_F(KeyLinesTest, TheLinesBetweenBeginAndEndAreMasked) {
  EXPECT_EQ(shown({"before", kBegin, kBody, "  " + kBody, kShort, kEnd, kBody, kShort, "after"}),
            (Lines{"before", kBegin, "#", "#", "#", kEnd, kBody, kShort, "after"}));
}

TEST_F(KeyLinesTest, WhatALoggerWritesBeforeEachLineStays) {
  EXPECT_EQ(shown({"12:01 INFO " + kBegin, "12:01 INFO " + kBody, "{\"msg\":\"" + kBody + "\"}",
                   "12:01 INFO " + kBody + kEnd + " done", "12:01 INFO " + kBody}),
            (Lines{"12:01 INFO " + kBegin, "12:01 INFO #", "{\"msg\":\"#\"}",
                   "12:01 INFO #" + kEnd + " done", "12:01 INFO " + kBody}));
}

TEST_F(KeyLinesTest, OtherLinesBetweenAreShownAndDoNotEndIt) {
  EXPECT_EQ(shown({"x", kBegin, "Proc-Type: 4,ENCRYPTED", "", "a request came", kBody, kEnd}),
            (Lines{"x", kBegin, "Proc-Type: 4,ENCRYPTED", "", "a request came", "#", kEnd}));
}

TEST_F(KeyLinesTest, AKeyThatIsWholeInOneLineBeginsNothing) {
  EXPECT_EQ(shown({"x", kBegin + "\\n" + kBody + "\\n" + kEnd, kBody}),
            (Lines{"x", kBegin + "\\n" + kBody + "\\n" + kEnd, kBody}));
}

TEST_F(KeyLinesTest, ACertificateIsNoKey) {
  EXPECT_EQ(shown({"x", "-----BEGIN CERTIFICATE-----", kBody}),
            (Lines{"x", "-----BEGIN CERTIFICATE-----", kBody}));
}

// A stream that begins, or goes on after a gap, inside a key.
TEST_F(KeyLinesTest, LinesThatCanOnlyBeOfAKeyAreMaskedAtTheStart) {
  EXPECT_EQ(shown({kBody, kShort, kEnd, kBody}), (Lines{"#", "#", kEnd, kBody}));
  keys.restart();
  EXPECT_EQ(shown({"started", kBody}), (Lines{"started", kBody}));
  keys.restart();
  EXPECT_EQ(shown({"f" + kBody, kBody}), (Lines{"f" + kBody, kBody})) << "65 characters";
}

TEST_F(KeyLinesTest, AKeyWithoutEndEnds) {
  Lines lines = {"x", kBegin};
  lines.insert(lines.end(), redact::kMostOtherLines + 1, "one more request");
  lines.push_back(kBody);
  EXPECT_EQ(shown(lines), lines);
  lines = {"x", kBegin};
  lines.insert(lines.end(), redact::kMostKeyLines + 1, kBody);
  lines.push_back(kBody);
  EXPECT_EQ(shown(lines).back(), kBody);
}

// ---- the log of a container

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
