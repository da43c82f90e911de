// JSON Patch: the examples of RFC 6902's appendix, what is refused, and the merge patch of the same
// result.
#include "change/json_patch.h"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "change/clean.h"
#include "change/merge.h"

namespace {

using base::json::Document;
using base::json::Value;

// The object after the patch, or "error: …".
std::string patched(const std::string& target, const std::string& patch) {
  Document a, b;
  const Value operations = *b.parse(patch);
  if (std::string why = change::json_patch_problem(operations); !why.empty()) return "bad: " + why;
  const auto out = change::json_patched(*a.parse(target), operations);
  return out ? *out : "error: " + out.error().what();
}

TEST(JsonPatch, DoesWhatTheExamplesOfItsRfcSay) {
  const struct {
    const char *target, *patch, *result;
  } rows[] = {
      {R"({"foo":"bar"})", R"([{"op":"add","path":"/baz","value":"qux"}])",
       R"({"foo":"bar","baz":"qux"})"},
      {R"({"foo":["bar","baz"]})", R"([{"op":"add","path":"/foo/1","value":"qux"}])",
       R"({"foo":["bar","qux","baz"]})"},
      {R"({"baz":"qux","foo":"bar"})", R"([{"op":"remove","path":"/baz"}])", R"({"foo":"bar"})"},
      {R"({"foo":["bar","qux","baz"]})", R"([{"op":"remove","path":"/foo/1"}])",
       R"({"foo":["bar","baz"]})"},
      {R"({"foo":"bar","baz":"qux"})", R"([{"op":"replace","path":"/baz","value":"boo"}])",
       R"({"foo":"bar","baz":"boo"})"},
      {R"({"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}})",
       R"([{"op":"move","from":"/foo/waldo","path":"/qux/thud"}])",
       R"({"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}})"},
      {R"({"foo":["all","grass","cows","eat"]})",
       R"([{"op":"move","from":"/foo/1","path":"/foo/3"}])",
       R"({"foo":["all","cows","eat","grass"]})"},
      {R"({"baz":"qux","foo":["a",2,"c"]})",
       R"([{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2.0}])",
       R"({"baz":"qux","foo":["a",2,"c"]})"},
      {R"({"foo":"bar"})", R"([{"op":"add","path":"/child","value":{"grandchild":{}}}])",
       R"({"foo":"bar","child":{"grandchild":{}}})"},
      {R"({"foo":["bar"]})", R"([{"op":"add","path":"/foo/-","value":["abc","def"]}])",
       R"({"foo":["bar",["abc","def"]]})"},
      {R"({"/":9,"~1":10})",
       R"([{"op":"test","path":"/~01","value":10},{"op":"remove","path":"/~1"}])", R"({"~1":10})"},
      {R"({"a":{"b":1}})", R"([{"op":"copy","from":"/a","path":"/c"}])",
       R"({"a":{"b":1},"c":{"b":1}})"},
      {R"({"l":[1]})", R"([{"op":"replace","path":"/l/0","value":2}])", R"({"l":[2]})"},
  };
  for (const auto& row : rows)
    EXPECT_EQ(patched(row.target, row.patch), row.result) << row.patch;
}

TEST(JsonPatch, WhatCannotBeDoneNamesTheOperation) {
  const std::string object = R"({"a":{"b":1},"l":[1]})";
  const struct {
    const char *patch, *says;
  } rows[] = {
      {R"([{"op":"test","path":"/a/b","value":2}])",
       "operation 1 (test /a/b): the test is not met: another value is there; nothing was written"},
      {R"([{"op":"test","path":"/a/c","value":2}])", "nothing is there"},
      {R"([{"op":"add","path":"/x/y","value":1}])", "what it would be put into is not there"},
      {R"([{"op":"replace","path":"/x","value":1}])", "the place is not there"},
      {R"([{"op":"remove","path":"/l/1"}])", "no such element"},
      {R"([{"op":"remove","path":"/l/00"}])", "no such element"},
      {R"([{"op":"add","path":"/l/2","value":1}])", "no such place"},
      {R"([{"op":"move","from":"/a","path":"/a/b"}])", "into itself"},
      {R"([{"op":"copy","from":"/x","path":"/y"}])", "'from' is not there"},
      {R"([{"op":"ad","path":"/x","value":1}])", "bad: operation 1 (ad /x): 'op' must be"},
      {R"([{"op":"add","path":"x","value":1}])", "'path' must be a JSON Pointer"},
      {R"([{"op":"add","path":"/x"}])", "'value' is missing"},
      {R"([{"op":"copy","path":"/x"}])", "'from' must be a JSON Pointer"},
      {R"({"a":1})", "bad: must be a list"},
      {R"([])", "bad: must be a list"},
      {R"([7])", "must be an object"},
  };
  for (const auto& row : rows)
    EXPECT_NE(patched(object, row.patch).find(row.says), std::string::npos)
        << row.patch << ": " << patched(object, row.patch);
}

TEST(JsonPatch, CopiesThatDoubleAnObjectAreBounded) {
  std::string patch = "[";
  for (int i = 0; i < 60; ++i)
    patch += std::string(i > 0 ? "," : "") + R"({"op":"copy","from":"/a","path":"/a/)" +
             std::to_string(i) + "\"}";
  EXPECT_NE(patched(R"({"a":{"b":")" + std::string(100, 'x') + "\"}}", patch + "]").find("3 MiB"),
            std::string::npos);
}

TEST(JsonPatch, ItsMergePatchMakesTheSame) {
  Document a, b, c;
  const struct {
    const char *before, *after, *merge;
  } rows[] = {
      {R"({"a":1,"b":{"c":2,"d":3},"l":[1,2]})", R"({"b":{"c":2,"d":4},"l":[2]})",
       R"({"a":null,"b":{"d":4},"l":[2]})"},
      {R"({"a":1})", R"({"a":1})", "{}"},
      {R"({"a":1})", R"({"a":{"b":{"c":[]}}})", R"({"a":{"b":{"c":[]}}})"},
  };
  for (const auto& row : rows) {
    const Value before = *a.parse(row.before), after = *b.parse(row.after);
    const auto merge = change::merge_between(before, after);
    ASSERT_TRUE(merge.has_value());
    EXPECT_EQ(*merge, row.merge);
    Document result;
    const auto same =
        change::merge_between(*result.parse(change::merged(before, *c.parse(*merge))), after);
    ASSERT_TRUE(same.has_value());
    EXPECT_EQ(*same, "{}");
  }
  EXPECT_FALSE(change::merge_between(*a.parse("{}"), *b.parse(R"({"x":{"y":null}})")).has_value());
}

TEST(JsonPatch, ASecretThatLosesItsMaskIsSeen) {
  Document a, b;
  const auto unmasks = [&](const char* masked, const char* shown) {
    return change::unmasks(*a.parse(masked), *b.parse(shown));
  };
  const char* const kMask = R"({"l":[{"v":"<redacted:24B:1f3a9c02>"}]})";
  ASSERT_FALSE(change::clean_wish(*a.parse(kMask)).has_value()) << "it has the form of a mask";
  EXPECT_TRUE(unmasks(kMask, R"({"l":[{"v":"abc"}]})"));
  EXPECT_TRUE(unmasks(kMask, R"({"l":[]})"));
  EXPECT_FALSE(unmasks(kMask, kMask));
  EXPECT_FALSE(unmasks(R"({"a":"b"})", R"({"a":"c"})"));
}

TEST(JsonPatch, MasksOfManyMembersTakeNoSquareOfTime) {
  std::string object = "{";
  for (int i = 0; i < 30000; ++i)
    object += "\"k" + std::to_string(i) + "\":\"v\",";
  object.back() = '}';
  Document a, b;
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(change::unmasks(*a.parse(object), *b.parse(object)));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
}

}  // namespace
