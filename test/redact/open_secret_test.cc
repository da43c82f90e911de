// A secret on the lines below its name, which come one by one.
// Bug: a followed log showed what a read of the same log masked.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "redact/line_mask.h"

namespace {

using redact::LineMask;
using Lines = std::vector<std::string>;

struct OpenSecretTest : testing::Test {
  // Each line as it is shown; a mask is "#".
  Lines shown(const Lines& lines) {
    Lines out;
    for (const std::string& line : lines) {
      std::string masked;
      out.push_back(mask.clean(line, masked) ? masked : line);
      std::string& text = out.back();
      for (std::size_t at; (at = text.find("<redacted:")) != text.npos;)
        text.replace(at, text.find('>', at) + 1 - at, "#");
    }
    return out;
  }
  // What a read of the whole shows.
  Lines read(const Lines& lines) {
    std::string text, clean;
    for (const std::string& line : lines)
      text += line + "\n";
    if (!redactor.text(text, clean)) clean = text;
    Lines out;
    for (std::size_t at = 0, end; (end = clean.find('\n', at)) != clean.npos; at = end + 1)
      out.push_back(clean.substr(at, end - at));
    return out;
  }
  redact::Redactor redactor;
  LineMask mask{redactor};
};

TEST_F(OpenSecretTest, TheLinesOfATextAreMaskedWhileTheyAreIndentedMore) {
  EXPECT_EQ(shown({"password: |", "  LEAK", "", "  LEAK", "    LEAK and more", "next: x", "  y"}),
            (Lines{"password: |", "  #", "", "  #", "    #", "next: x", "  y"}));
  for (const char* const mark : {">", "|-", ">2+", "!!str |", "&a |"}) {
    const std::string line = std::string("  - db_password: ") + mark;
    EXPECT_EQ(shown({line, "      LEAK", "    y"}), (Lines{line, "      #", "    y"}));
  }
  EXPECT_EQ(shown({"12:01 INFO token: |", "  LEAK\r", "12:01 INFO y"}),
            (Lines{"12:01 INFO token: |", "  #\r", "12:01 INFO y"}));
}

TEST_F(OpenSecretTest, AValueBelowItsNameIsMasked) {
  EXPECT_EQ(shown({"password:", "  LEAK", "next", "  y"}),
            (Lines{"password:", "  #", "next", "  y"}));
  EXPECT_EQ(shown({"password:", "", "next", "  y"}), (Lines{"password:", "", "next", "  y"}));
  EXPECT_EQ(shown({"INFO password:", "  LEAK", "y"}), (Lines{"INFO password:", "  #", "y"}));
  EXPECT_EQ(shown({"Enter your password:", "  it is in the vault"}),
            (Lines{"Enter your password:", "  it is in the vault"}));
}

TEST_F(OpenSecretTest, AStringOfJsonBelowItsNameIsMasked) {
  EXPECT_EQ(shown({"{", "  \"password\":", "    \"LEAK\",", "  \"name\": \"y\"", "}"}),
            (Lines{"{", "  \"password\":", "    \"#\",", "  \"name\": \"y\"", "}"}));
  EXPECT_EQ(shown({"  \"password\":", "  \"LEAK\"", "  \"y\""}),
            (Lines{"  \"password\":", "  \"#\"", "  \"y\""}));
  EXPECT_EQ(shown({"\"password\":", "\"LEAK\"", "\"y\""}),
            (Lines{"\"password\":", "\"#\"", "\"y\""}));
}

TEST_F(OpenSecretTest, WhatAMapOrAListHoldsIsMasked) {
  EXPECT_EQ(shown({"secret:", "  db: LEAK1x", "  user: y", "  more:", "    a: LEAK2x", "y: z"}),
            (Lines{"secret:", "  db: #", "  user: y", "  more:", "    a: #", "y: z"}));
  EXPECT_EQ(shown({"- passwords:", "  - LEAK", "  - LEAK", "- y"}),
            (Lines{"- passwords:", "  - #", "  - #", "- y"}));
  EXPECT_EQ(shown({"passwords:", "- LEAK", "y", "- z"}), (Lines{"passwords:", "- #", "y", "- z"}));
  EXPECT_EQ(shown({"  \"passwords\": [", "    \"LEAK\"", "  ],", "  \"a\": \"y\""}),
            (Lines{"  \"passwords\": [", "    \"#\"", "  ],", "  \"a\": \"y\""}));
  const Lines reference = {"password:", "  secretKeyRef:", "    name: y", "    key: password"};
  EXPECT_EQ(shown(reference), reference);
}

TEST_F(OpenSecretTest, TheDataOfASecretIsMasked) {
  EXPECT_EQ(
      shown({"apiVersion: v1", "kind: Secret", "metadata:", "  name: y", "data:", "  foo: TEVBS0M3",
             "  bar: |", "    TEVBS0M3", "type: Opaque", "---", "data:", "  foo: TEVBS0M3"}),
      (Lines{"apiVersion: v1", "kind: Secret", "metadata:", "  name: y", "data:", "  foo: #",
             "  bar: |", "    #", "type: Opaque", "---", "data:", "  foo: TEVBS0M3"}));
  EXPECT_EQ(shown({"- kind: Secret", "  data:", "    a: TEVB", "- kind: ConfigMap",
                   "  data:", "    a: TEVB"}),
            (Lines{"- kind: Secret", "  data:", "    a: #", "- kind: ConfigMap",
                   "  data:", "    a: TEVB"}));
  EXPECT_EQ(shown({"{", "  \"kind\": \"Secret\",", "  \"data\": {", "    \"foo\": \"TEVB\"", "  }",
                   "}", "    \"foo\": \"TEVB\""}),
            (Lines{"{", "  \"kind\": \"Secret\",", "  \"data\": {", "    \"foo\": \"#\"", "  }",
                   "}", "    \"foo\": \"TEVB\""}));
  EXPECT_EQ(shown({"12:01 INFO kind: Secret", "data:", "  a: TEVB", "a request came",
                   "data:", "  a: TEVB"}),
            (Lines{"12:01 INFO kind: Secret", "data:", "  a: #", "a request came",
                   "data:", "  a: TEVB"}));
}

// As kubectl shows a Secret. A ConfigMap's values are no base64.
TEST_F(OpenSecretTest, DataBeforeTheirKindAreMaskedWhereTheyLookLikeASecrets) {
  const Lines yaml = {
      "apiVersion: v1",  "data:",        "  a: aHVudGVyMg==", "  b: eA==", "  c: YWRtaW4h",
      "immutable: true", "kind: Secret", "metadata:",         "  name: y"};
  EXPECT_EQ(shown(yaml), (Lines{"apiVersion: v1", "data:", "  a: #", "  b: #", "  c: #",
                                "immutable: true", "kind: Secret", "metadata:", "  name: y"}));
  mask.restart();
  EXPECT_EQ(shown({"  - apiVersion: v1", "    data:", "      a: aHVudGVyMg==", "    kind: Secret",
                   "  - apiVersion: v2", "    data:", "      a: aHVudGVyMg=="}),
            (Lines{"  - apiVersion: v1", "    data:", "      a: #", "    kind: Secret",
                   "  - apiVersion: v2", "    data:", "      a: aHVudGVyMg=="}));
  mask.restart();
  EXPECT_EQ(shown({"{", "    \"apiVersion\": \"v1\",", "    \"data\": {",
                   "        \"a\": \"aHVudGVyMg==\",", "        \"b\": \"YWRtaW4h\"", "    },",
                   "    \"kind\": \"Secret\""}),
            (Lines{"{", "    \"apiVersion\": \"v1\",", "    \"data\": {", "        \"a\": \"#\",",
                   "        \"b\": \"#\"", "    },", "    \"kind\": \"Secret\""}));
  mask.restart();
  const Lines map = {"apiVersion: v1",   "data:",     "  mode: standard", "  level: info",
                     "  file: a/b.yaml", "  text: |", "    some: words",  "  on: \"true\"",
                     "kind: ConfigMap"};
  EXPECT_EQ(shown(map), map);
  mask.restart();
  const Lines other = {"apiVersion: v1", "metadata:", "data:", "  a: aHVudGVyMg=="};
  EXPECT_EQ(shown(other), other);
  mask.restart();
  const Lines deeper = {"apiVersion: v1", "  data:", "    a: aHVudGVyMg=="};
  EXPECT_EQ(shown(deeper), deeper);
}

TEST_F(OpenSecretTest, StringDataIsMasked) {
  EXPECT_EQ(shown({"stringData:", "  bar: x", "  foo: y", "bar: x", "  bar: x"}),
            (Lines{"stringData:", "  bar: #", "  foo: #", "bar: x", "  bar: x"}));
}

TEST_F(OpenSecretTest, TheValueOfANamedVariableIsMasked) {
  EXPECT_EQ(shown({"env:", "- name: DB_PASSWORD", "  value: LEAK12", "- name: MODE", "  value: x"}),
            (Lines{"env:", "- name: DB_PASSWORD", "  value: #", "- name: MODE", "  value: x"}));
  EXPECT_EQ(shown({"  {", "    \"name\": \"API_KEY\",", "    \"value\": \"LEAK12\"", "  },",
                   "  \"value\": \"y\""}),
            (Lines{"  {", "    \"name\": \"API_KEY\",", "    \"value\": \"#\"", "  },",
                   "  \"value\": \"y\""}));
  const Lines reference = {"- name: DB_PASSWORD",
                           "  valueFrom:", "    secretKeyRef:", "      name: db",
                           "      key: password"};
  EXPECT_EQ(shown(reference), reference);
  EXPECT_EQ(shown({"name: DB_PASSWORD", "started in 5 s", "value: x"}),
            (Lines{"name: DB_PASSWORD", "started in 5 s", "value: x"}));
}

TEST_F(OpenSecretTest, AValueGoesOnBehindABackslashAndBetweenThreeQuotes) {
  EXPECT_EQ(shown({"client_secret = \\", "  LEAK\\", "  LEAK", "y"}),
            (Lines{"client_secret = \\", "  #\\", "  #", "y"}));
  EXPECT_EQ(shown({"password = \"\"\"", "LEAK", "LEAK\"\"\"", "y"}),
            (Lines{"password = \"\"\"", "#", "#\"\"\"", "y"}));
}

TEST_F(OpenSecretTest, OtherLinesBeginNothing) {
  for (const char* const line : {"message: |",
                                 "text:",
                                 "port:",
                                 "count: 12",
                                 "a > b",
                                 "1 - 2",
                                 "x >",
                                 "{",
                                 "[",
                                 "a: [",
                                 ":",
                                 "|",
                                 "\\",
                                 "run \\",
                                 "\"\"\"",
                                 ": |",
                                 "kind: Secrets",
                                 "a Secret",
                                 "secretName: |",
                                 "=",
                                 ""})
    EXPECT_EQ(shown({line, "  y: TEVBS0M3"}), (Lines{line, "  y: TEVBS0M3"}));
}

// A gap, or a container that starts again.
TEST_F(OpenSecretTest, ARestartEndsIt) {
  for (const char* const line : {"password: |", "password:", "kind: Secret", "stringData:"}) {
    shown({line, "data:"});
    mask.restart();
    EXPECT_EQ(shown({"  y: TEVBS0M3"}), (Lines{"  y: TEVBS0M3"})) << line;
  }
}

TEST_F(OpenSecretTest, ItEndsAfterManyLines) {
  Lines lines = {"password: |"};
  lines.insert(lines.end(), redact::kMostOpenLines, "  y");
  EXPECT_EQ(shown(lines).back(), "  #");
  lines.emplace_back("  y");
  EXPECT_EQ(shown(lines).back(), "  y");
}

// More than is kept of it: the names around a line are kept longest.
TEST_F(OpenSecretTest, ALongSecretIsMaskedToItsEnd) {
  Lines lines = {"kind: Secret", "data:"};
  for (int i = 0; i < 300; ++i)
    lines.push_back("  key" + std::to_string(i) + (i % 10 == 3 ? ": |" : ": TEVBS0M3"));
  for (int i = 0; i < 300; ++i)
    lines.emplace_back("    TEVBS0M3");
  lines.push_back("  long: " + std::string(redact::kLongestOpenLine, 'A'));
  lines.emplace_back("  last: TEVBS0M3");
  const Lines out = shown(lines);
  for (std::size_t i = 2; i < out.size(); ++i)
    EXPECT_TRUE(out[i].ends_with(lines[i].back() == '|' ? "|" : "#")) << i << ": " << out[i];
}

TEST_F(OpenSecretTest, EqualSecretsHaveTheMasksOfARead) {
  for (const Lines& lines :
       {Lines{"password: |", "  LEAK", "y"}, Lines{"password:", "  LEAK", "y"},
        Lines{"{\"a\":", "  \"password\":", "    \"LEAK\"", "}"}, Lines{"stringData:", "  bar: x"},
        Lines{"- name: DB_PASSWORD", "  value: LEAK12", "- name: b"},
        Lines{"apiVersion: v1", "data:", "  a: aHVudGVyMg==", "kind: Secret"},
        Lines{"kind: Secret", "data:", "  a: TEVBS0M3", "  b: TEVB", "metadata:", "  name: y"},
        Lines{"password:", "  type: string", "  description: y", "  default: LEAK"}}) {
    Lines out;
    for (const std::string& line : lines) {
      std::string masked;
      out.push_back(mask.clean(line, masked) ? masked : line);
    }
    EXPECT_EQ(out, read(lines));
  }
}

}  // namespace
