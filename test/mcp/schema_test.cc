// A tool's arguments: what is shown and what is checked are one declaration.
#include "mcp/schema.h"

#include <map>
#include <optional>

#include <gtest/gtest.h>

namespace {

using mcp::Field;
using mcp::Schema;

struct Arguments {
  std::string ns, kind, any;
  std::optional<std::int64_t> limit;
  bool follow = false;
  std::vector<std::string> types;
  std::int64_t port = 7;

  static mcp::Fields fields() {
    return {
        mcp::field<&Arguments::ns>({.name = "namespace",
                                    .description = "where",
                                    .required = true,
                                    .form = Field::Form::dns_label}),
        mcp::field<&Arguments::limit>({.name = "limit", .minimum = 1}),
        mcp::field<&Arguments::follow>({.name = "follow"}),
        mcp::field<&Arguments::types>({.name = "types", .max_length = 3}),
        mcp::field<&Arguments::kind>({.name = "kind", .one_of = {"Pod", "Node"}}),
        mcp::field<&Arguments::any>({.name = "any", .max_length = 4}),
        mcp::field<&Arguments::port>({.name = "port", .minimum = 1, .maximum = 9}),
    };
  }
};

base::Result<Arguments> read(std::string_view arguments) {
  base::json::Document doc;
  const auto value = doc.parse(arguments);
  EXPECT_TRUE(value) << arguments;
  return Schema::read<Arguments>(*value);
}

// "" when they fit.
std::string check(std::string_view arguments) {
  const auto ok = read(arguments);
  return ok ? "" : ok.error().what();
}

TEST(McpSchema, IsShownAsJsonSchema) {
  EXPECT_EQ(Schema::of<Arguments>().input_json(),
            R"({"type":"object","properties":{)"
            R"("namespace":{"type":"string","description":"where"},)"
            R"("limit":{"type":"integer","minimum":1},"follow":{"type":"boolean"},)"
            R"("types":{"type":"array","items":{"type":"string"},"maxItems":3},)"
            R"("kind":{"type":"string","enum":["Pod","Node"]},)"
            R"("any":{"type":"string"},"port":{"type":"integer","minimum":1,"maximum":9}},)"
            R"("required":["namespace"],"additionalProperties":false})");
  EXPECT_EQ(Schema::of<mcp::NoArguments>().input_json(),
            R"({"type":"object","properties":{},"additionalProperties":false})");
}

TEST(McpSchema, TakesWhatFits) {
  EXPECT_EQ(check(R"({"namespace":"a"})"), "");
  EXPECT_EQ(check(R"({"namespace":"a","limit":null,"follow":true,"types":["x"],"kind":"Pod"})"),
            "");
  EXPECT_EQ(check(R"({"namespace":"a","limit":2.0,"port":9})"), "") << "2.0 is whole";
}

TEST(McpSchema, FillsTheStruct) {
  const auto all = read(R"({"namespace":"a","limit":5,"follow":true,"types":["x","y"],)"
                        R"("kind":"Pod","any":"z","port":3})");
  ASSERT_TRUE(all);
  EXPECT_EQ(all->ns, "a");
  EXPECT_EQ(all->limit, 5);
  EXPECT_TRUE(all->follow);
  EXPECT_EQ(all->types, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(all->kind, "Pod");
  EXPECT_EQ(all->any, "z");
  EXPECT_EQ(all->port, 3);
  const auto least = read(R"({"namespace":"a","limit":null})");
  ASSERT_TRUE(least);
  EXPECT_FALSE(least->limit) << "null counts as absent";
  EXPECT_EQ(least->port, 7) << "as it was";
}

struct Inner {
  double share = 0;
  std::map<std::string, std::string> labels;
  static mcp::Fields fields() {
    return {mcp::field<&Inner::share>({.name = "share", .required = true, .maximum = 1}),
            mcp::field<&Inner::labels>({.name = "labels"})};
  }
};
struct Outer {
  std::string_view name;
  std::vector<Inner> inner;
  std::vector<mcp::JsonOf<Inner>> made;
  std::optional<std::int64_t> zero, none;
  bool no = false;
  mcp::Json any;
  static mcp::Fields fields() {
    return {mcp::field<&Outer::name>({.name = "name", .required = true}),
            mcp::field<&Outer::inner>({.name = "inner", .required = true}),
            mcp::field<&Outer::made>({.name = "made"}),
            mcp::field<&Outer::zero>({.name = "zero"}),
            mcp::field<&Outer::none>({.name = "none"}),
            mcp::field<&Outer::no>({.name = "no"}),
            mcp::field<&Outer::any>({.name = "any"})};
  }
};

TEST(McpSchema, WritesAResultAndItsSchemaFromTheSameDeclaration) {
  const std::string inner =
      R"({"type":"object","properties":{"share":{"type":"number","maximum":1},)"
      R"("labels":{"type":"object","additionalProperties":{"type":"string"}}},)"
      R"("required":["share"],"additionalProperties":false})";
  EXPECT_EQ(
      Schema::of<Outer>().output_json(),
      R"({"type":"object","properties":{"name":{"type":"string"},"inner":{"type":"array",)"
      R"("items":)" +
          inner + R"(},"made":{"type":"array","items":)" + inner +
          R"(},"zero":{"type":"integer"},"none":{"type":"integer"},"no":{"type":"boolean"},)"
          R"("any":{"type":"object"}},"required":["name","inner"],"additionalProperties":false})");
  Outer outer;
  outer.zero = 0;
  EXPECT_EQ(mcp::to_json(outer), R"({"name":"","inner":[],"zero":0})") << "empty ones are left out";
  outer.name = "a \"b\"";
  outer.inner.push_back({0.5, {{"k", "v"}}});
  outer.made.emplace_back(outer.inner[0]);
  outer.any.text = "[1]";
  EXPECT_EQ(mcp::to_json(outer),
            R"({"name":"a \"b\"","inner":[{"share":0.5,"labels":{"k":"v"}}],)"
            R"("made":[{"share":0.5,"labels":{"k":"v"}}],"zero":0,"any":[1]})");
}

struct Nested {
  Inner inner;
  std::vector<Inner> list;
  static mcp::Fields fields() {
    return {mcp::field<&Nested::inner>({.name = "inner", .required = true}),
            mcp::field<&Nested::list>({.name = "list"})};
  }
};

TEST(McpSchema, ReadsNestedObjectsAndNamesThePathOfWhatIsWrong) {
  base::json::Document doc;
  const auto read = [&](std::string_view text) { return Schema::read<Nested>(*doc.parse(text)); };
  const auto good = read(R"({"inner":{"share":1,"labels":{"a":"b"}},"list":[{"share":0}]})");
  ASSERT_TRUE(good);
  EXPECT_EQ(good->inner.labels.at("a"), "b");
  EXPECT_EQ(good->list.size(), 1u);
  EXPECT_EQ(read(R"({"inner":{"share":2}})").error().what(),
            "'inner.share' must be a number of at most 1, got the number 2");
  EXPECT_EQ(read(R"({"inner":{}})").error().what(),
            "missing required argument 'inner.share': a number of at most 1");
  EXPECT_EQ(read(R"({"inner":{"share":1,"sher":1}})").error().what(),
            "unknown argument 'inner.sher'; did you mean 'share'? (arguments: share, labels)");
  EXPECT_EQ(read(R"({"inner":{"share":1,"labels":{"a":1}}})").error().what(),
            "'inner.labels.a' must be a string, got the number 1");
  EXPECT_EQ(read(R"({"inner":7})").error().what(), "'inner' must be an object, got the number 7");
}

// Bug: one element of 900 kB, "a,a,a,…", was taken, and split and sorted in one turn of the loop.
TEST(McpSchema, WhatIsInAListOrAMapIsNoLongerThanAnyString) {
  const auto types = [](std::size_t size) {
    return check(R"({"namespace":"a","types":["x",")" + std::string(size, 'y') + "\"]}");
  };
  EXPECT_EQ(types(mcp::kMaxLength), "");
  EXPECT_EQ(types(mcp::kMaxLength + 1),
            "'types' may have at most 1024 bytes in each element, got 1025");
  const auto labels = [](const std::string& members) {
    base::json::Document doc;
    const auto ok =
        Schema::read<Nested>(*doc.parse(R"({"inner":{"share":1,"labels":{)" + members + "}}}"));
    return ok ? "" : ok.error().what();
  };
  const std::string most(mcp::kMaxLength, 'k');
  EXPECT_EQ(labels("\"" + most + R"(":"v")"), "");
  EXPECT_EQ(labels("\"k" + most + R"(":"v")"),
            "'inner.labels' may have at most 1024 bytes in each key, got 1025");
  EXPECT_EQ(labels(R"("k":"v)" + most + "\""),
            "'inner.labels.k' may have at most 1024 bytes, got 1025");
  std::string many = R"("k":"v")";
  for (std::size_t i = 0; i < mcp::kMaxLength; ++i)
    many += ",\"" + std::to_string(i) + R"(":"v")";
  EXPECT_EQ(labels(many), "'inner.labels' may have at most 1024 members, got 1025");
}

struct Form {
  std::string name = "John Doe", region;
  bool verified = true;
  double score = 95.5;
  static mcp::Fields fields() {
    return {mcp::field<&Form::name>({.name = "name", .title = "Name", .show_default = true}),
            mcp::field<&Form::region>({.name = "region", .header = "Region"}),
            mcp::field<&Form::verified>({.name = "verified", .show_default = true}),
            mcp::field<&Form::score>({.name = "score", .show_default = true})};
  }
};

TEST(McpSchema, ShowsTitlesDefaultsAndHeadersOnlyWhereAsked) {
  EXPECT_EQ(Schema::of<Form>().input_json(),
            R"({"type":"object","properties":{"name":{"type":"string","title":"Name",)"
            R"("default":"John Doe"},"region":{"type":"string",)"
            R"("x-mcp-header":"Region"},"verified":{"type":"boolean",)"
            R"("default":true},"score":{"type":"number","default":95.5}},)"
            R"("additionalProperties":false})");
}

struct Loose {
  mcp::Json text;
  std::vector<mcp::Json> all;
  static mcp::Fields fields() {
    return {mcp::field<&Loose::text>({.name = "text", .json_types = {"string", "object"}}),
            mcp::field<&Loose::all>({.name = "all", .json_types = {"object"}})};
  }
};

// Case M8: of the types that are taken one is shown. Of a list they are its elements'.
TEST(McpSchema, ShowsOneTypeOfTheSeveralThatAreTaken) {
  const Schema& schema = Schema::of<Loose>();
  EXPECT_EQ(schema.input_json(),
            R"({"type":"object","properties":{"text":{"type":"string"},"all":{"type":"array",)"
            R"("items":{"type":"object"}}},"additionalProperties":false})");
  for (const auto& [arguments, why] :
       {std::pair{R"({"text":"a","all":[{}]})", ""},
        {R"({"text":{}})", ""},
        {R"({"text":[]})", "'text' must be a text or an object, got a list"},
        {R"({"all":["a"]})", "'all[0]' must be an object, got the string \"a\""}}) {
    base::json::Document doc;
    Loose loose;
    const auto read = schema.read(*doc.parse(arguments), &loose);
    EXPECT_EQ(read ? "" : read.error().what(), std::string(why)) << arguments;
  }
}

TEST(McpSchema, AVerbatimSchemaIsShownAsItIsAndChecksNothing) {
  const Schema schema = Schema::verbatim(R"({"type":"object","if":{}})");
  EXPECT_EQ(schema.input_json(), R"({"type":"object","if":{}})");
  EXPECT_EQ(schema.output_json(), schema.input_json());
  EXPECT_TRUE(schema.fields().empty());
}

TEST(McpSchema, NamesTheArgumentWhatCameAndWhatWouldBeRight) {
  EXPECT_EQ(check(R"({"namespace":"a","limit":"ten"})"),
            "'limit' must be an integer of at least 1, got the string \"ten\"");
  EXPECT_EQ(check(R"({"namespace":"a","limit":0})"),
            "'limit' must be an integer of at least 1, got the number 0");
  EXPECT_EQ(check(R"({"namespace":"a","limit":1.5})"),
            "'limit' must be an integer of at least 1, got the number 1.5");
  EXPECT_EQ(check(R"({"namespace":"a","port":true})"),
            "'port' must be an integer from 1 to 9, got true");
  EXPECT_EQ(check(R"({"namespace":"a","follow":1})"),
            "'follow' must be a boolean (true or false), got the number 1");
  EXPECT_EQ(check(R"({"namespace":"a","follow":"yes"})"),
            "'follow' must be a boolean (true or false), got the string \"yes\"");
  EXPECT_EQ(check(R"({"namespace":"a","types":"x"})"),
            "'types' must be a list of strings, got the string \"x\"");
  EXPECT_EQ(check(R"({"namespace":"a","types":["x",3]})"),
            "'types' must be a list of strings, got a list with the number 3 in it");
  EXPECT_EQ(check(R"({"namespace":"a","kind":"pod"})"),
            "'kind' must be a string: one of \"Pod\", \"Node\", got the string \"pod\"");
}

TEST(McpSchema, NamesWhatIsMissingUnknownOrTooLong) {
  EXPECT_EQ(check("{}").substr(0, 37), "missing required argument 'namespace'");
  EXPECT_EQ(
      check(R"({"namespace":"a","namespaces":1})"),
      "unknown argument 'namespaces'; did you mean 'namespace'? (arguments: namespace, limit, "
      "follow, types, kind, any, port)");
  EXPECT_EQ(check(R"({"namespace":"a","any":"12345"})"), "'any' may have at most 4 bytes, got 5");
  EXPECT_EQ(check(R"({"namespace":"a","types":["1","2","3","4"]})"),
            "'types' may have at most 3 elements, got 4");
  EXPECT_EQ(check("[]"), "arguments must be an object, got a list");
  base::json::Document doc;
  const auto value = doc.parse(R"({"all":true})");
  EXPECT_EQ(Schema::read<mcp::NoArguments>(*value).error().what(),
            "unknown argument 'all' (it takes none)");
}

TEST(McpSchema, AbsentArgumentsAreNone) {
  EXPECT_TRUE(Schema::read<mcp::NoArguments>({}));
  EXPECT_FALSE(Schema::read<Arguments>({}));
  base::json::Document doc;
  EXPECT_TRUE(Schema::read<mcp::NoArguments>(*doc.parse("null"))) << "as some clients write it";
}

// Only integers took it; what many clients send for whatever was left out was an error.
TEST(McpSchema, NullIsAbsentForWhateverIsNotRequired) {
  const auto all = read(R"({"namespace":"a","limit":null,"follow":null,"types":null,"kind":null,)"
                        R"("any":null,"port":null})");
  ASSERT_TRUE(all) << all.error().what();
  EXPECT_EQ(all->limit, std::nullopt);
  EXPECT_FALSE(all->follow);
  EXPECT_TRUE(all->types.empty() && all->kind.empty() && all->any.empty());
  EXPECT_EQ(all->port, 7) << "its default";
  EXPECT_NE(check(R"({"namespace":null})").find("'namespace' must be a string"), std::string::npos);
  EXPECT_NE(check(R"({"namespace":"a","types":[null]})"), "") << "an element is no argument";
}

TEST(McpSchema, FormsAreKubernetesNames) {
  EXPECT_NE(check(R"({"namespace":"Team_A"})").find("got the string \"Team_A\""),
            std::string::npos);
  EXPECT_TRUE(mcp::check_form("pod", "web-0.x", Field::Form::dns_subdomain));
  EXPECT_FALSE(mcp::check_form("pod", "web-0.x", Field::Form::dns_label));
  EXPECT_TRUE(mcp::check_form("c", "", Field::Form::dns_label_or_empty));
  EXPECT_FALSE(mcp::check_form("c", "", Field::Form::dns_label));
  const auto bad = mcp::check_form("namespace", "a/../b", Field::Form::dns_label);
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().what().substr(0, 31), "'namespace' must be a DNS label");
  EXPECT_NE(bad.error().what().find("got \"a/../b\""), std::string::npos);
}

}  // namespace
