// A private key whose lines come one by one.
#include "redact/key_lines.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

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

}  // namespace
