// An object within a number of bytes.
#include "answer/fitted.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace {

answer::Fitted fitted(const std::string& json, std::size_t max) {
  base::json::Document doc;
  const auto value = doc.parse(json);
  EXPECT_TRUE(value) << json;
  return answer::fitted_json(*value, max);
}

TEST(Fitted, WhatFitsIsWholeButForWhatRepeatsIt) {
  const answer::Fitted out = fitted(
      R"({"kind":"Pod","metadata":{"name":"a","managedFields":[{"manager":"x"}],"annotations":{)"
      R"("kubectl.kubernetes.io/last-applied-configuration":"{}"}},"spec":{"a":[1,{"b":null}]}})",
      4096);
  EXPECT_EQ(out.json, R"({"kind":"Pod","metadata":{"name":"a"},"spec":{"a":[1,{"b":null}]}})");
  EXPECT_EQ(out.cut, "");
  EXPECT_EQ(fitted(R"({"metadata":{"annotations":{"x":"y",)"
                   R"("kubectl.kubernetes.io/last-applied-configuration":"{}"}}})",
                   4096)
                .json,
            R"({"metadata":{"annotations":{"x":"y"}}})");
}

TEST(Fitted, LongTextsListsAndMapsAreCut) {
  std::string list, map;
  for (int i = 0; i < 3000; ++i) {
    list += (i > 0 ? "," : "") + std::to_string(i);
    map += (i > 0 ? ",\"k" : "\"k") + std::to_string(i) + "\":\"v\"";
  }
  const std::string json = R"({"data":{"text":")" + std::string(100000, 'x') + R"("},"list":[)" +
                           list + R"(],"map":{)" + map + "}}";
  for (const std::size_t max : {1024U, 4096U, 20000U, 60000U}) {
    const answer::Fitted out = fitted(json, max);
    EXPECT_LE(out.json.size(), max);
    EXPECT_GT(out.json.size(), max / 16) << "no more is cut than has to be";
    base::json::Document doc;
    ASSERT_TRUE(doc.parse(out.json)) << out.json;
    EXPECT_TRUE(out.cut.starts_with("texts are cut at ")) << out.cut;
    EXPECT_NE(out.json.find(" bytes more)"), std::string::npos);
  }
  const answer::Fitted out = fitted(json, 4096);
  EXPECT_NE(out.json.find(" more)\""), std::string::npos) << out.json;
  EXPECT_NE(out.json.find("\"(more)\":\""), std::string::npos) << out.json;
}

// Bug: a part that had no room was left out, and a text of 900 kB could not be had in any way.
TEST(Fitted, PartsAreCutAsAnObjectIs) {
  base::json::Document doc;
  const auto value = doc.parse(R"({"long":")" + std::string(100000, 'x') + R"(","short":[1,2]})");
  ASSERT_TRUE(value);
  const std::vector<answer::Part> parts = {
      {"a.long", (*value)["long"]}, {"b", (*value)["short"]}, {"again", (*value)["long"]}};
  for (const std::size_t max : {1024U, 16000U, 120000U, 300000U}) {
    const answer::Fitted out = answer::fitted_parts(parts, max);
    EXPECT_LE(out.json.size(), max);
    EXPECT_GT(out.json.size(), max / 16);
    EXPECT_EQ(out.cut.empty(), max == 300000U) << out.cut;
    base::json::Document fitted;
    const auto root = fitted.parse(out.json);
    ASSERT_TRUE(root) << out.json.substr(0, 100);
    EXPECT_EQ((*root)["b"].to_json(), "[1,2]");
    EXPECT_TRUE((*root)["a.long"].str().starts_with("xxxx"));
  }
}

TEST(Fitted, ATextIsCutBetweenCharacters) {
  std::string text;
  for (int i = 0; i < 5000; ++i)
    text += "ü€";
  base::json::Document doc;
  EXPECT_TRUE(doc.parse(fitted(R"({"a":")" + text + R"("})", 1024).json));
}

}  // namespace
