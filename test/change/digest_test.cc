// What a confirmation is bound to.
#include "change/digest.h"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "base/json.h"

namespace {

std::string after(const std::string& before, const std::string& now, const std::string& wish) {
  base::json::Document a, b, c;
  return change::confirmed_after(*a.parse(before), *b.parse(now), *c.parse(wish));
}

TEST(ChangeDigest, WhatStaysIsLeftOut) {
  EXPECT_EQ(after(R"({"spec":{"a":{"x":1},"l":[1,2]}})", R"({"spec":{"a":{"x":1},"l":[1,2]}})",
                  R"({"spec":{"a":{"x":1},"l":[1,2]}})"),
            "");
}

TEST(ChangeDigest, WhatIsAskedForCountsByItsValueTheRestByItsPlace) {
  EXPECT_EQ(after(R"({"spec":{"a":1}})", R"({"spec":{"a":2,"port":30123},"kind":"S","status":{}})",
                  R"({"spec":{"a":2}})"),
            ".spec\n.spec.a: 2\n.spec.port is set\n.kind is set\n");
}

TEST(ChangeDigest, OnlyTheBranchThatDiffersHasLines) {
  EXPECT_EQ(
      after(R"({"spec":{"same":{"deep":[{"v":1}]},"other":{"deep":[{"v":1},{"v":1}]}}})",
            R"({"spec":{"same":{"deep":[{"v":1}]},"other":{"deep":[{"v":1},{"v":2}]}}})",
            R"({"spec":{"same":{"deep":[{"v":1}]},"other":{"deep":[{"v":1},{"v":2}]}}})"),
      ".spec\n.spec.other\n.spec.other.deep\n.spec.other.deep[1]\n.spec.other.deep[1].v: 2\n");
}

TEST(ChangeDigest, AMemberThatGoesAndAnotherOrderAreSeen) {
  EXPECT_EQ(after(R"({"spec":{"m":{"a":1,"b":2}}})", R"({"spec":{"m":{"a":1}}})",
                  R"({"spec":{"m":{"a":1}}})"),
            ".spec\n.spec.m\n");
  EXPECT_EQ(after(R"({"spec":{"m":{"a":1,"b":2}}})", R"({"spec":{"m":{"b":2,"a":1}}})",
                  R"({"spec":{"m":{"a":1,"b":2}}})"),
            ".spec\n.spec.m\n");
  EXPECT_EQ(
      after(R"({"spec":{"l":[1,2,3]}})", R"({"spec":{"l":[1,2]}})", R"({"spec":{"l":[1,2]}})"),
      ".spec\n.spec.l\n.spec.l[0]: 1\n.spec.l[1]: 2\n");
}

TEST(ChangeDigest, WhatChangesByItselfDoesNotCount) {
  EXPECT_EQ(
      after(R"({"metadata":{"uid":"a","resourceVersion":"1","labels":{"x":"1"}}})",
            R"({"metadata":{"uid":"b","resourceVersion":"2","labels":{"x":"2"}},"status":{}})",
            R"({"metadata":{"labels":{"x":"2"}}})"),
      ".metadata.labels\n.metadata.labels.x: \"2\"\n");
}

// Each level was compared whole before its parts were, and each element was looked up from the front.
TEST(ChangeDigest, DepthAndLengthTakeNoSquareOfTime) {
  std::string deep = "1", list;
  for (int i = 0; i < 100; ++i)
    deep = "{\"a\":" + deep + ",\"b\":\"" + std::string(3000, 'x') + "\"}";
  for (int i = 0; i < 150000; ++i)
    list += i == 0 ? "1" : ",1";
  const std::string object = "{\"spec\":{\"d\":" + deep + ",\"l\":[" + list + "]}}";
  std::string other = object;
  other.replace(other.find("\"a\":1,"), 6, "\"a\":2,");
  other.replace(other.rfind("1]"), 1, "2");
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(after(object, other, other).empty());
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
}

}  // namespace
