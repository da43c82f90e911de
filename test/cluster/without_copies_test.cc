// What is left of an object without what repeats it.
#include "cluster/without_copies.h"

#include <gtest/gtest.h>

namespace {

std::string left_of(std::string_view json) {
  base::json::Document doc;
  const auto object = doc.parse(json);
  return object ? cluster::without_copies(*object) : std::string();
}

TEST(WithoutCopies, ManagedFieldsAndTheLastAppliedCopyAreLeftOut) {
  EXPECT_EQ(left_of(R"({"kind":"A","metadata":{"managedFields":[{"manager":"helm"}],"name":"a",)"
                    R"("annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{}",)"
                    R"("note":"n"}},"spec":{"managedFields":1}})"),
            R"({"kind":"A","metadata":{"name":"a","annotations":{"note":"n"}},)"
            R"("spec":{"managedFields":1}})");
}

TEST(WithoutCopies, AllElseIsAsItWas) {
  for (const char* json :
       {R"({})", R"({"metadata":{}})", R"({"metadata":null,"annotations":{"x":1}})",
        R"({"metadata":{"annotations":null},"n":1.50,"b":[true,{},[]],"t":"\"\\ü\n"})"}) {
    EXPECT_EQ(left_of(json), json);
  }
}

TEST(WithoutCopies, WhatHoldsNothingElseIsEmptyAndStillJson) {
  EXPECT_EQ(left_of(R"({"metadata":{"managedFields":[]},"a":{}})"), R"({"metadata":{},"a":{}})");
  EXPECT_EQ(left_of(R"({"metadata":{"annotations":{)"
                    R"("kubectl.kubernetes.io/last-applied-configuration":"x"},"name":"a"}})"),
            R"({"metadata":{"annotations":{},"name":"a"}})");
}

std::string around(const std::string& json) {
  base::json::Document doc;
  const auto object = doc.parse(json);
  if (!object) return "no JSON";
  const auto [before, after] = cluster::around_copies(json, *object);
  return std::string(before) + "|" + std::string(after);
}

TEST(WithoutCopies, InATextWhatIsAroundTheManagedFieldsIsTold) {
  EXPECT_EQ(around(R"({"metadata":{"managedFields":[{"f:a":{}},{"b":1}],"name":"a"}})"),
            R"({"metadata":{|,"name":"a"}})");
  EXPECT_EQ(around(R"({"metadata":{"name":"a","managedFields":[{"f:a":[{}]}]},"spec":{}})"),
            R"({"metadata":{"name":"a",|}]},"spec":{}})")
      << "at most the managed fields are left out";
}

TEST(WithoutCopies, ATextInDoubtIsToldWhole) {
  for (const std::string json : {
           R"({"metadata":{"name":"a"},"spec":{"managedFields":[{"password":"x"}]}})",
           R"({"metadata":{"managedFields":[{}]},"spec":{"managedFields":[{"password":"x"}]}})",
           R"({"spec":{"managedFields":[{"password":"x"}]},"metadata":{"managedFields":[{}]}})",
           R"({"metadata":{"managedFields":[]},"spec":{}})",
           R"({"metadata":{"managedFields":{"a":[{}]}},"spec":{}})",
           R"({"metadata":{"annotations":{"a":"{\"managedFields\":[{\"p\":1}]}"}}})",
       }) {
    EXPECT_EQ(around(json), json + "|");
  }
}

}  // namespace
