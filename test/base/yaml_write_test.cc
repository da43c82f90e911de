// JSON as YAML text: the form that kubectl prints, and every value comes back as it was.
#include "base/yaml_write.h"

#include <string>

#include <gtest/gtest.h>

#include "base/yaml.h"

namespace {

std::string yaml_of(std::string_view json, std::size_t indent = 0) {
  base::json::Document doc;
  const auto value = doc.parse(json);
  EXPECT_TRUE(value) << json;
  std::string out;
  if (value) base::yaml::append_yaml(out, *value, indent);
  return out;
}

// What a YAML reader makes of it.
std::string back(const std::string& yaml) {
  const auto documents = base::yaml::parse(yaml);
  EXPECT_TRUE(documents) << yaml << (documents ? "" : documents.error().what());
  return documents && documents->size() == 1 ? base::yaml::to_json(documents->front()) : "";
}

TEST(YamlWrite, LooksAsKubectlPrintsIt) {
  EXPECT_EQ(yaml_of(R"({"apiVersion":"v1","metadata":{"name":"a","labels":{},"creationTimestamp":)"
                    R"("2025-01-01T00:00:00Z"},"spec":{"replicas":2,"on":true,"list":[],"items":[)"
                    R"({"name":"x","ports":[80,443]},{"name":"y"},"text"],"none":null}})"),
            "apiVersion: v1\n"
            "metadata:\n"
            "  name: a\n"
            "  labels: {}\n"
            "  creationTimestamp: \"2025-01-01T00:00:00Z\"\n"
            "spec:\n"
            "  replicas: 2\n"
            "  \"on\": true\n"
            "  list: []\n"
            "  items:\n"
            "  - name: x\n"
            "    ports:\n"
            "    - 80\n"
            "    - 443\n"
            "  - name: \"y\"\n"
            "  - text\n"
            "  none: null\n");
}

TEST(YamlWrite, TextOfSeveralLinesIsABlock) {
  const std::string yaml = yaml_of(R"({"a":"one\n\n  two\n","b":["x\ny"],"c":1})");
  EXPECT_EQ(yaml, "a: |\n  one\n\n    two\nb:\n- |-\n  x\n  y\nc: 1\n");
  EXPECT_EQ(back(yaml), R"({"a":"one\n\n  two\n","b":["x\ny"],"c":1})");
}

TEST(YamlWrite, EveryStringComesBackAsThatString) {
  for (const char* text : {"",           " ",
                           "a",          "a b",
                           "a ",         " a",
                           "yes",        "No",
                           "ON",         "null",
                           "~",          "true",
                           "1",          "1.5",
                           "1e3",        "0x10",
                           "0o7",        "1_000",
                           "12:30:45",   "2025-01-01",
                           "1.0.43",     "1.0.43-rc1",
                           "1.2",        "-",
                           "- a",        "a: b",
                           "a:",         "a:b",
                           "a #b",       "a#b",
                           "#a",         "[a]",
                           "{a}",        "*a",
                           "&a",         "!a",
                           "|",          ">",
                           "%a",         "@a",
                           "`a",         "\\\"q\\\"",
                           "'q'",        "<<",
                           ".inf",       "-.inf",
                           "...",        "---",
                           "\\n",        "\\na",
                           "a\\n",       "a\\n\\n",
                           "a\\nb",      " a\\nb",
                           "a\\n b",     "a\\r\\nb",
                           "a\\tb\\nc",  "tab\\t",
                           "\\u0000",    "\\u0085",
                           "\\u2028x",   "x\\u2029",
                           "\\ufeffx",   "\\u007f",
                           "\\u009f\\n", "\\ud83d\\ude00",
                           "caf\\u00e9", "caf\\u00e9\\nx",
                           "=",          "y",
                           "n",          "a, b",
                           "k8s.io/x"}) {
    for (const std::string& json :
         {"\"" + std::string(text) + "\"", "[\"" + std::string(text) + "\"]",
          "{\"" + std::string(text) + "\":\"" + text + "\",\"z\":[{\"k\":\"" + text + "\"}]}"}) {
      base::json::Document doc;
      EXPECT_EQ(back(yaml_of(json)), doc.parse(json)->to_json()) << yaml_of(json);
    }
  }
}

TEST(YamlWrite, CollectionsWithinCollections) {
  for (const char* json :
       {"[]", "{}", "[[1,2],[],{}]", "[[[1],2]]", R"([{"a":[[1]]}])", R"({"a":{"b":{"c":[{}]}}})",
        "null", "true", "-1.5", R"([[{"a":1,"b":[2]}]])"}) {
    EXPECT_EQ(back(yaml_of(json)), json) << yaml_of(json);
    if (json[0] != '[' && json[0] != '{') continue;
    EXPECT_EQ(back("k:\n" + yaml_of(json, 2)), "{\"k\":" + std::string(json) + "}");
  }
}

}  // namespace
