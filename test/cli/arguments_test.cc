// NAME=VALUE words become a tool's arguments, typed by its schema; what is wrong is named with what would
// be right.
#include "cli/arguments.h"

#include <gtest/gtest.h>

namespace {

constexpr std::string_view kSchema = R"({
  "type":"object","required":["namespace"],"properties":{
    "namespace":{"type":"string"},
    "limit":{"type":"integer"},
    "ratio":{"type":"number"},
    "wide":{"type":["boolean","null"]},
    "types":{"type":"array","items":{"type":"string"}},
    "ports":{"type":"array","items":{"type":"integer"}},
    "config":{"type":"object"},
    "format":{"type":"string","enum":["table","json"]},
    "region":{"type":"string","x-mcp-header":"Region"}}})";

struct CliArguments : testing::Test {
  base::Result<cli::Arguments> read(const std::vector<std::string>& words,
                                    std::string_view base = "") {
    base::json::Document from;
    if (!base.empty()) {
      EXPECT_TRUE(from.parse(base).has_value());
    }
    auto root = schema.parse(kSchema);
    return cli::read_arguments(*root, words, from.root());
  }
  std::string json(const std::vector<std::string>& words, std::string_view base = "") {
    auto arguments = read(words, base);
    return arguments ? arguments->json : arguments.error().what();
  }
  base::json::Document schema;
};

TEST_F(CliArguments, EachHasTheTypeThatTheSchemaWants) {
  EXPECT_EQ(json({"namespace=7", "limit=7", "ratio=0.5", "wide=true"}),
            R"({"limit":7,"namespace":"7","ratio":0.5,"wide":true})");
}

TEST_F(CliArguments, AListIsRepeatedAndJsonIsTakenAsItIs) {
  EXPECT_EQ(json({"namespace=a", "types=Warning", "types=Normal", "ports=1"}),
            R"({"namespace":"a","ports":[1],"types":["Warning","Normal"]})");
  EXPECT_EQ(json({"namespace=a", R"(types:=["x", "y"])", R"(config:={"a":[1]})"}),
            R"({"config":{"a":[1]},"namespace":"a","types":["x","y"]})");
  EXPECT_EQ(json({"namespace=a", R"(config={"a":1})"}), R"({"config":{"a":1},"namespace":"a"})");
  EXPECT_EQ(json({"namespace=a", "types=x", R"(types:=["y"])", "types=z"}),
            R"({"namespace":"a","types":["z"]})")
      << "the last way of saying it counts";
  EXPECT_EQ(json({"namespace:=null"}), R"({"namespace":null})");
}

TEST_F(CliArguments, AValueMayHoldAnEqualsSignAndBeEmpty) {
  EXPECT_EQ(json({"namespace=a=b"}), R"({"namespace":"a=b"})");
  EXPECT_EQ(json({"namespace="}), R"({"namespace":""})");
}

TEST_F(CliArguments, AWordBeatsTheFile) {
  EXPECT_EQ(json({"namespace=b"}, R"({"namespace":"a","limit":3})"),
            R"({"limit":3,"namespace":"b"})");
}

TEST_F(CliArguments, WhatIsWrongIsNamedWithTheNearestOrTheForm) {
  EXPECT_EQ(json({"namspace=a"}), "unknown argument namspace; did you mean namespace?");
  EXPECT_EQ(json({"xyzzyx=a"}).substr(0, 41), "unknown argument xyzzyx; there are namesp");
  EXPECT_EQ(json({"namespace=a"}, R"({"limt":1})"), "unknown argument limt; did you mean limit?");
  EXPECT_EQ(json({"namespace=a"}, "[]"), "--json must hold an object");
  EXPECT_EQ(json({}), "namespace is missing: namespace=TEXT");
  EXPECT_EQ(json({"namespace"}), "\"namespace\" is no argument; they look like NAME=VALUE");
  EXPECT_EQ(json({"limit=many"}), "limit must be a whole number, got \"many\"");
  EXPECT_EQ(json({"limit=1.5"}), "limit must be a whole number, got \"1.5\"");
  EXPECT_EQ(json({"wide=yes"}), "wide must be true or false, got \"yes\"");
  EXPECT_EQ(json({"config=x"}), "config must be an object: config:={\"KEY\":VALUE}");
  EXPECT_EQ(json({"config:={"}).substr(0, 33), "config:= must be followed by JSON");
}

// Bug: the help said services=JSON,... and services=[{...}] was refused: "must be an object".
TEST_F(CliArguments, AListOfObjectsIsJsonOrOneAfterTheOther) {
  base::json::Document lists;
  const auto root =
      lists.parse(R"({"properties":{"services":{"type":"array","items":{"type":"object"}}}})");
  const auto given = [&](const std::vector<std::string>& words) {
    const auto out = cli::read_arguments(*root, words, {});
    return out ? (*out).json : std::string(out.error().what());
  };
  EXPECT_EQ(given({R"(services=[{"a":1},{"b":2}])"}), R"({"services":[{"a":1},{"b":2}]})");
  EXPECT_EQ(given({R"(services={"a":1})", R"(services=[{"b":2}])"}),
            R"({"services":[{"a":1},{"b":2}]})");
  EXPECT_EQ(given({"services=[]"}), R"({"services":[]})");
  for (const char* each : {"services=x", "services=[1]"})
    EXPECT_EQ(given({each}), R"(services must be a list of objects: services=[{"KEY":VALUE},...])");
  EXPECT_EQ(cli::type_text((*root)["properties"]["services"]), "[JSON,...]");
}

TEST_F(CliArguments, AMirroredOneIsAHeaderToo) {
  const auto arguments = read({"namespace=a", "region=Zürich"});
  ASSERT_TRUE(arguments.has_value());
  ASSERT_EQ((*arguments).headers.size(), 1u);
  EXPECT_EQ((*arguments).headers[0].first, "Mcp-Param-Region");
  EXPECT_EQ((*arguments).headers[0].second, "=?base64?WsO8cmljaA==?=");
  EXPECT_TRUE((*read({"namespace=a", "region:=null"})).headers.empty());
}

TEST_F(CliArguments, HelpSaysWhatEachTakes) {
  const auto root = schema.parse(kSchema);
  const auto text = [&](std::string_view name) {
    return cli::type_text((*root)["properties"][name]);
  };
  EXPECT_EQ(text("namespace"), "TEXT");
  EXPECT_EQ(text("limit"), "N");
  EXPECT_EQ(text("wide"), "true|false");
  EXPECT_EQ(text("types"), "TEXT,...");
  EXPECT_EQ(text("format"), "table|json");
  EXPECT_EQ(text("config"), "JSON");
}

}  // namespace
