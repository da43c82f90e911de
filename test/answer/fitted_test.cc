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

// Bug: an object with long names was larger than it might be, whatever was asked.
TEST(Fitted, NamesAloneAreCutToo) {
  std::string map = "{";
  for (int i = 0; i < 40; ++i)
    map += (i > 0 ? ",\"" : "\"") + std::string(300, 'n') + std::to_string(i) + "\":[{\"a\":1}]";
  map += "}";
  const std::string json =
      R"({"metadata":{"name":"x","annotations":)" + map + R"(},"spec":)" + map + "}";
  const answer::Fitted out = fitted(json, 2000);
  EXPECT_LE(out.json.size(), 2100U);
  EXPECT_GT(out.json.size(), 1500U);
  base::json::Document doc;
  const auto value = doc.parse(out.json);
  ASSERT_TRUE(value) << out.json;
  EXPECT_EQ((*value)["spec"]["(more)"].str(), "39 more");
  EXPECT_EQ((*value)["metadata"]["annotations"]["(more)"].str(), "35 more");
  const answer::Fitted again = answer::fitted_parts(
      {{"a", (*value)["metadata"]["annotations"]}, {"b", (*value)["spec"]}}, 1000);
  ASSERT_TRUE(doc.parse(again.json));
  EXPECT_NE(again.json.find(R"x("(more)":"37 more")x"), std::string::npos) << again.json;
  EXPECT_NE(again.json.find(R"x("b":{"(more)":"40 more"})x"), std::string::npos) << again.json;
}

TEST(Fitted, WhatIsCutAgainIsCountedOn) {
  std::string list = "[0";
  for (int i = 1; i < 3000; ++i)
    list += "," + std::to_string(i);
  const answer::Fitted first = fitted(R"({"a":)" + list + "]}", 4096);
  EXPECT_NE(first.json.find("(2000 more)"), std::string::npos) << first.json;
  EXPECT_NE(fitted(first.json, 1024).json.find("(2800 more)"), std::string::npos);
  // Bug: of a text the words of the first cut were counted.
  const answer::Fitted text = fitted(R"({"a":")" + std::string(10'000, 'x') + R"("})", 1024);
  EXPECT_NE(text.json.find("x… (9488 bytes more)"), std::string::npos) << text.json;
  EXPECT_NE(fitted(text.json, 300).json.find("x… (9744 bytes more)"), std::string::npos);
}

TEST(Fitted, ATextIsCutBetweenCharacters) {
  std::string text;
  for (int i = 0; i < 5000; ++i)
    text += "ü€";
  base::json::Document doc;
  EXPECT_TRUE(doc.parse(fitted(R"({"a":")" + text + R"("})", 1024).json));
}

}  // namespace
