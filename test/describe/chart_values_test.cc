// What a chart takes, from its schema and its defaults.
#include "describe/chart_values.h"

#include <ctime>
#include <optional>
#include <string>

#include <gtest/gtest.h>

namespace {

std::string shown(const std::string& schema, const std::string& defaults,
                  std::string* example = nullptr) {
  base::json::Document one, two;
  const base::json::Value s = schema.empty() ? base::json::Value() : *one.parse(schema);
  const base::json::Value d = defaults.empty() ? base::json::Value() : *two.parse(defaults);
  std::string out;
  const auto values = describe::chart_values(s, d);
  for (const describe::ChartValue& each : values) {
    out += each.path + ":" + std::string(each.type) + (each.required ? "!" : "") +
           (each.default_json.empty() ? "" : "=" + each.default_json) + "\n";
  }
  if (example) *example = describe::example_of(values);
  return out;
}

TEST(ChartValues, ASchemaAndDefaultsAreOneList) {
  std::string example;
  EXPECT_EQ(
      shown(R"({"type":"object","required":["region","controlPlane"],"properties":{)"
            R"("workersNumber":{"type":"integer","minimum":1},"region":{"type":"string"},)"
            R"("controlPlane":{"type":"object","required":["instanceType"],"properties":{)"
            R"("instanceType":{"type":"string","description":"d"},)"
            R"("rootVolumeSize":{"type":["integer","null"],"default":8}}},)"
            R"("clusterLabels":{"type":"object"}}})",
            R"({"region":"","workersNumber":2,"clusterLabels":{},"extra":{"a":true}})", &example),
      "region:string!=\"\"\n"
      "controlPlane.instanceType:string!\n"
      "workersNumber:integer=2\n"
      "controlPlane.rootVolumeSize:integer=8\n"
      "clusterLabels:object={}\n"
      "extra.a:boolean=true\n");
  EXPECT_EQ(example, R"({"controlPlane":{"instanceType":"<string>"},"region":"<string>"})");
}

TEST(ChartValues, WhatAMapNeedsIsNeededOnlyWhereTheMapIs) {
  EXPECT_EQ(
      shown(R"({"properties":{"a":{"required":["b"],"properties":{"b":{"type":"string"}}}}})", ""),
      "a.b:string\n");
}

TEST(ChartValues, WithoutASchemaTheDefaultsSayIt) {
  EXPECT_EQ(shown("", R"({"image":{"tag":"1","pullSecrets":[]},"n":null,"f":1.5,)"
                      R"("nodeSelector":{"kubernetes.io/os":"linux"}})"),
            "image.tag:string=\"1\"\nimage.pullSecrets:array=[]\nn:any\nf:number=1.5\n"
            "nodeSelector.kubernetes\\.io/os:string=\"linux\"\n");
  EXPECT_EQ(shown("", ""), "");
  EXPECT_EQ(shown("{}", "{}"), "");
  EXPECT_EQ(shown("[]", "7"), "");
}

TEST(ChartValues, ReferencesWithinTheSchemaAreFollowed) {
  std::string example;
  EXPECT_EQ(shown(R"({"required":["a"],"properties":{"a":{"$ref":"#/$defs/x"},)"
                  R"("loop":{"$ref":"#/properties/loop"},"far":{"$ref":"other.json"}},)"
                  R"("$defs":{"x":{"type":"object","required":["dotted.name"],"properties":)"
                  R"({"dotted.name":{"type":"string","default":"v"}}}}})",
                  "", &example),
            "a.dotted\\.name:string!=\"v\"\nloop:any\nfar:any\n");
  EXPECT_EQ(example, R"({"a":{"dotted.name":"v"}})");
}

TEST(ChartValues, NothingGrowsWithoutEnd) {
  std::string deep = R"({"type":"string"})";
  for (int i = 0; i < 50; ++i)
    deep = R"({"properties":{"a":)" + deep + "}}";
  EXPECT_EQ(shown(deep, ""), "a.a.a.a.a.a.a.a:any\n");
  std::string round = R"({"properties":{"a":{"$ref":"#/$defs/x"}},"$defs":{"x":{"properties":{)";
  for (int i = 0; i < 20; ++i)
    round += (i > 0 ? ",\"v" : "\"v") + std::to_string(i) + R"(":{"$ref":"#/$defs/x"})";
  EXPECT_GT(shown(round + "}}}}", "").size(), 1000u) << "20 to the eighth would not end";
  std::string many = R"({"properties":{)";
  for (int i = 0; i < 6000; ++i)
    many += (i > 0 ? ",\"v" : "\"v") + std::to_string(i) + R"(":{"type":"string"})";
  base::json::Document doc;
  EXPECT_EQ(describe::chart_values(*doc.parse(many + "}}"), {}).size(), describe::kChartValues);
}

// Bug: each member was looked for from the front, in the defaults, in `required` and at the place of
// its reference: 300 ms for 6,000 values.
TEST(ChartValues, ThousandsAreLookedUpNotWalked) {
  std::string properties, definitions, defaults, required;
  for (int i = 0; i < 2500; ++i) {
    const std::string comma = i > 0 ? "," : "", name = "p" + std::to_string(i);
    const std::string last = "p" + std::to_string(2499 - i);
    properties += comma + '"' + name + R"(":{"$ref":"#/$defs/)" + last + R"("})";
    definitions += comma + '"' + name + R"(":{"type":"string","description":")" + name + R"("})";
    defaults += comma + '"' + last + R"(":")" + last + '"';
    required += comma + '"' + last + '"';
  }
  base::json::Document one, two;
  const base::json::Value schema =
      *one.parse(R"({"required":[)" + required + R"(],"properties":{)" + properties +
                 R"(},"$defs":{)" + definitions + "}}");
  const base::json::Value given = *two.parse("{" + defaults + "}");
  const std::clock_t begun = std::clock();
  const auto values = describe::chart_values(schema, given);
  const double seconds = double(std::clock() - begun) / CLOCKS_PER_SEC;
  ASSERT_EQ(values.size(), 2500u);
  EXPECT_EQ(values[7].path, "p7");
  EXPECT_EQ(values[7].default_json, R"("p7")");
  EXPECT_EQ(values[7].description, "p2492");
  EXPECT_TRUE(values[7].required);
  EXPECT_LT(seconds, 1.0);
}

TEST(ChartValues, OnlyAReferenceOfUsualLengthIsFollowed) {
  const std::string deep(2000, '/');
  EXPECT_EQ(shown(R"({"properties":{"a":{"$ref":"#)" + deep + R"("},"b":{"$ref":"#/"}}})", ""),
            "a:any\nb:any\n");
}

TEST(ChartValues, ASchemaThatHasNoRoomIsNotWritten) {
  base::json::Document doc;
  const base::json::Value given = *doc.parse(R"({"a":{"b":1},"c":"x"})");
  const std::string all =
      R"({"type":"object","properties":{"a":{"type":"object","properties":{"b":{"type":"integer",)"
      R"("default":1}}},"c":{"type":"string","default":"x"}}})";
  EXPECT_EQ(describe::schema_of(given, all.size()), all);
  EXPECT_EQ(describe::schema_of(given, all.size() - 1), std::nullopt);
}

}  // namespace
