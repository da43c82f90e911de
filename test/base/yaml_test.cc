#include "base/yaml.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace base::yaml {
namespace {

// The only document of a text that must parse.
Node parsed(std::string_view text) {
  auto documents = parse(text);
  EXPECT_TRUE(documents) << (documents ? "" : documents.error().what());
  if (!documents) return {};
  EXPECT_EQ(documents->size(), 1U);
  return documents->empty() ? Node() : std::move(documents->front());
}

std::string as_json(std::string_view text) {
  return to_json(parsed(text));
}

std::string error_of(std::string_view text) {
  const auto documents = parse(text);
  EXPECT_FALSE(documents) << text;
  return documents ? "" : documents.error().what();
}

// libyaml asserts that its text is somewhere.
TEST(Yaml, ATextThatIsNowhereIsEmpty) {
  const auto none = base::yaml::parse(std::string_view());
  ASSERT_TRUE(none.has_value());
  EXPECT_TRUE(none->empty());
}

TEST(Yaml, ReadsAKubeconfig) {
  const Node config = parsed(R"(apiVersion: v1
kind: Config
current-context: "a"
clusters:
- name: one
  cluster:
    server: https://127.0.0.1:6443
    insecure-skip-tls-verify: true
- cluster: {server: 'https://[::1]:1', insecure-skip-tls-verify: "true"}
  name: two
preferences: {}
empty:
)");
  EXPECT_EQ(config.str("current-context"), "a");
  const Node* clusters = config.find("clusters");
  ASSERT_TRUE(clusters);
  ASSERT_EQ(clusters->items.size(), 2U);
  const Node* one = clusters->items[0].find("cluster");
  ASSERT_TRUE(one);
  EXPECT_EQ(one->str("server"), "https://127.0.0.1:6443");
  EXPECT_TRUE(one->is_true("insecure-skip-tls-verify"));
  const Node* two = clusters->items[1].find("cluster");
  ASSERT_TRUE(two);
  EXPECT_FALSE(two->is_true("insecure-skip-tls-verify"));  // a string
  EXPECT_EQ(two->str("server"), "https://[::1]:1");
  EXPECT_EQ(config.find("empty")->kind, Node::Kind::null);
  EXPECT_EQ(config.str("empty"), "");
  EXPECT_EQ(config.str("clusters"), "");
  EXPECT_EQ(config.str("missing"), "");
  EXPECT_EQ(config.find("missing"), nullptr);
  EXPECT_EQ(clusters->find("name"), nullptr);  // a sequence has no members
}

TEST(Yaml, EveryDocumentOfTheText) {
  const auto documents = parse("a: 1\n---\nb: 2\n...\n---\n- 3\n---\n");
  ASSERT_TRUE(documents);
  ASSERT_EQ(documents->size(), 4U);
  const std::string all = to_json((*documents)[0]) + to_json((*documents)[1]) +
                          to_json((*documents)[2]) + to_json((*documents)[3]);
  EXPECT_EQ(all, R"({"a":1}{"b":2}[3]null)");
  EXPECT_EQ(parse("")->size(), 0U);
  EXPECT_EQ(parse("# only a comment\n")->size(), 0U);
}

TEST(Yaml, BlockScalarsAreStrings) {
  EXPECT_EQ(as_json("a: |\n  one\n  two\nb: >-\n  one\n  two\nc: |\n  12\n"),
            R"({"a":"one\ntwo\n","b":"one two","c":"12\n"})");
  EXPECT_EQ(as_json("a: |-\n  12\n"), R"({"a":"12"})");
}

TEST(Yaml, JsonIsYaml) {
  EXPECT_EQ(as_json(R"({"a": [1, 2.5, true, null, "x\n\u00e4", {}], "b": {"c": []}})"),
            "{\"a\":[1,2.5,true,null,\"x\\n\u00e4\",{}],\"b\":{\"c\":[]}}");
}

TEST(Yaml, PlainScalarsAreTypedByTheCoreSchema) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"true", "true"},
      {"True", "true"},
      {"FALSE", "false"},
      {"yes", "\"yes\""},
      {"on", "\"on\""},
      {"~", "null"},
      {"Null", "null"},
      {"null", "null"},
      {"nULL", "\"nULL\""},
      {"12", "12"},
      {"-7", "-7"},
      {"+7", "7"},
      {"0", "0"},
      {"-0", "0"},
      {"007", "7"},
      {"0x1F", "31"},
      {"0o17", "15"},
      {"0x", "\"0x\""},
      {"-0x1", "\"-0x1\""},
      {"0o8", "\"0o8\""},
      {"1.50", "1.5"},
      {".5", "0.5"},
      {"1.", "1"},
      {"1e3", "1000"},
      {"-1.5E-3", "-0.0015"},
      {".", "\".\""},
      {"-", "[null]"},
      {"1.2.3", "\"1.2.3\""},
      {".inf", "\".inf\""},
      {".nan", "\".nan\""},
      {"inf", "\"inf\""},
      {"nan", "\"nan\""},
      {"1_000", "\"1_000\""},
      {"0b1", "\"0b1\""},
      {"1e", "\"1e\""},
      {"+", "\"+\""},
      {"--1", "\"--1\""},
      {"+-1", "\"+-1\""},
      {"+-1.5", "\"+-1.5\""},
      {"1e999", "\"1e999\""},
      {"v1.28", "\"v1.28\""},
      {"2026-11-21", "\"2026-11-21\""},
      {"18446744073709551615", "18446744073709551615"},
      {"-9223372036854775808", "-9223372036854775808"},
      {"10.0.0.1", "\"10.0.0.1\""},
  };
  for (const auto& [text, json] : cases)
    EXPECT_EQ(as_json(text), json) << text;
}

TEST(Yaml, QuotedScalarsStayStrings) {
  EXPECT_EQ(as_json(R"(["1.28", '1', "true", "", '~', !!str 12, ! 13])"),
            R"(["1.28","1","true","","~","12","13"])");
}

TEST(Yaml, EveryFloatIsValidJson) {
  json::Document doc;
  for (const char* text :
       {"1.", ".5", "+.5", "-.5", "00.5", "1e+3", "123456789012345678901234567890"}) {
    EXPECT_TRUE(doc.parse(as_json(text))) << text << " gave " << as_json(text);
    EXPECT_TRUE(doc.root().as_double()) << text;
  }
}

TEST(Yaml, AliasesAreCopies) {
  EXPECT_EQ(as_json("a: &x {n: 1}\nb: *x\nc: [*x, &x 2, *x]\n"),
            R"({"a":{"n":1},"b":{"n":1},"c":[{"n":1},2,2]})");
  EXPECT_EQ(error_of("a: *nope\n"), "line 1:4: the alias *nope has no anchor before it");
  EXPECT_NE(error_of("a: &x [*x]\n").find("no anchor"), std::string::npos);
  EXPECT_NE(error_of("a: &x 1\n---\nb: *x\n").find("no anchor"), std::string::npos);
}

TEST(Yaml, ExpansionBombsAreRefused) {
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string ref = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + ref;
    for (int j = 0; j < 9; ++j)
      bomb += "," + ref;
    bomb += "]\n";
  }
  const auto documents = parse(bomb);
  ASSERT_FALSE(documents);
  EXPECT_EQ(documents.error().code(), Errc::too_large);
}

TEST(Yaml, SeveralTextsShareABound) {
  Bound bound{5, "give less"};
  EXPECT_TRUE(parse("{a: 1}", bound)) << "a mapping, its key and its value";
  const auto second = parse("[1, 2]", bound);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), Errc::too_large);
  EXPECT_EQ(second.error().what(),
            "line 1:5: more than 5 nodes, aliases counted in full; give less");
  Bound three{3}, two{2};
  EXPECT_TRUE(parse_first("{a: 1}", three));
  EXPECT_FALSE(parse_first("{a: 1}", two));
}

TEST(Yaml, DepthIsLimitedAlsoThroughAliases) {
  const auto nested = [](int depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(parse(nested(kMaxDepth)));
  EXPECT_FALSE(parse(nested(kMaxDepth + 1)));
  EXPECT_FALSE(parse(nested(100'000)));
  std::string chain = "a0: &a0 [x]\n";
  for (int i = 1; i < 80; ++i) {
    chain += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) +
             "]\n";
  }
  EXPECT_NE(error_of(chain).find("nested deeper than 64 levels"), std::string::npos);
}

TEST(Yaml, ErrorsNameLineAndColumn) {
  EXPECT_EQ(error_of("a: 1\nb:\n  c: 1\n  c: 2\n"), "line 4:3: the key \"c\" stands here twice");
  EXPECT_EQ(error_of("{a: 1, 'a': 2}"), "line 1:8: the key \"a\" stands here twice");
  EXPECT_EQ(error_of("{\"a\\e\": 1, \"a\\e\": 2}"), "line 1:12: the key \"a?\" stands here twice");
  EXPECT_EQ(error_of("? [a]\n: 1\n"), "line 1:3: a mapping's key must be a scalar");
  EXPECT_TRUE(error_of("a: b: c\n").starts_with("line 1:5: ")) << error_of("a: b: c\n");
  EXPECT_TRUE(error_of("a: [1\nb: 2\n").starts_with("line 2:")) << error_of("a: [1\nb: 2\n");
  EXPECT_TRUE(error_of("\ta: 1\n").starts_with("line 1:")) << error_of("\ta: 1\n");
  EXPECT_NE(error_of("ok: 1\nbad: \"\xff\"\n").find("at byte 12"), std::string::npos)
      << error_of("ok: 1\nbad: \"\xff\"\n");
}

TEST(Yaml, MergeKeysAreKeysLikeOthers) {
  EXPECT_EQ(as_json("{<<: 1, a: 2}"), R"({"<<":1,"a":2})");
}

TEST(Yaml, AByteOrderMarkIsSkipped) {
  EXPECT_EQ(as_json("\xEF\xBB\xBF"
                    "a: 1\n"),
            R"({"a":1})");
}

TEST(Yaml, OrderIsKept) {
  EXPECT_EQ(as_json("z: 1\na: 2\nm: 3\n"), R"({"z":1,"a":2,"m":3})");
}

}  // namespace
}  // namespace base::yaml
