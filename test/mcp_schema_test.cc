// A tool's arguments: what is shown and what is checked are one declaration.
#include <gtest/gtest.h>

#include "mcp/schema.h"

namespace {

using mcp::Field;
using mcp::Schema;

std::vector<Field> fields() {
  std::vector<Field> f(7);
  f[0] = {.name = "namespace",
          .description = "where",
          .required = true,
          .form = Field::Form::dns_label};
  f[1] = {.name = "limit",
          .type = Field::Type::integer,
          .description = {},
          .nullable = true,
          .minimum = 1};
  f[2] = {.name = "follow", .type = Field::Type::boolean, .description = {}};
  f[3] = {.name = "types", .type = Field::Type::strings, .description = {}, .max_length = 3};
  f[4] = {.name = "kind", .description = {}, .one_of = {"Pod", "Node"}};
  f[5] = {.name = "any", .description = {}, .max_length = 4};
  f[6] = {
      .name = "port", .type = Field::Type::integer, .description = {}, .minimum = 1, .maximum = 9};
  return f;
}

// "" when they fit.
std::string check(std::string_view arguments) {
  base::json::Document doc;
  const auto value = doc.parse(arguments);
  EXPECT_TRUE(value) << arguments;
  const auto ok = Schema(fields()).check(*value);
  return ok ? "" : ok.error().what();
}

TEST(McpSchema, IsShownAsJsonSchema) {
  EXPECT_EQ(
      Schema(fields()).to_json(),
      R"({"type":"object","properties":{)"
      R"("namespace":{"type":"string","description":"where","pattern":"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$","maxLength":63},)"
      R"("limit":{"type":["integer","null"],"minimum":1},"follow":{"type":"boolean"},)"
      R"("types":{"type":"array","items":{"type":"string"},"maxItems":3},)"
      R"("kind":{"type":"string","enum":["Pod","Node"],"maxLength":1024},)"
      R"("any":{"type":"string","maxLength":4},"port":{"type":"integer","minimum":1,"maximum":9}},)"
      R"("required":["namespace"],"additionalProperties":false})");
  EXPECT_EQ(Schema({}).to_json(),
            R"({"type":"object","properties":{},"additionalProperties":false})");
}

TEST(McpSchema, TakesWhatFits) {
  EXPECT_EQ(check(R"({"namespace":"a"})"), "");
  EXPECT_EQ(check(R"({"namespace":"a","limit":null,"follow":true,"types":["x"],"kind":"Pod"})"),
            "");
  EXPECT_EQ(check(R"({"namespace":"a","limit":2.0,"port":9})"), "") << "2.0 is whole";
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
  EXPECT_EQ(check(R"({"namespace":"a","follow":null})"),
            "'follow' must be a boolean (true or false), got null");
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
  EXPECT_EQ(Schema({}).check(*value).error().what(), "unknown argument 'all' (it takes none)");
}

TEST(McpSchema, AbsentArgumentsAreNone) {
  EXPECT_TRUE(Schema({}).check({}));
  EXPECT_FALSE(Schema(fields()).check({}));
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
