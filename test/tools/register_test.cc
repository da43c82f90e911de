// What every tool has to be, and how much a client puts before its model for all of them.
#include "tools/register.h"

#include <optional>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "change/context.h"
#include "support/tools_world.h"
#include "tools/toolsets.h"

namespace {

using base::json::Type;
using base::json::Value;

// Several model APIs take no longer names (^[A-Za-z0-9_-]{1,64}$), with the client's prefix.
constexpr std::string_view kClientPrefix = "mcp__k0rdent__";
constexpr std::size_t kNameBytes = 64;
// Name, description and input schema of all tools together; the whole of tools/list.
constexpr std::size_t kModelBytes = 20 * 1024, kListBytes = 64 * 1024;
// The same of the tools that write, which most installations do not offer.
constexpr std::size_t kWritesModelBytes = 15 * 1024;

struct Register : test::ToolsWorld {
  ~Register() override {
    managers.for_each([](fanout::Manager& manager) { manager.stop(); });
    loop.run_once();
  }
  Value list(mcp::Registry& registry) {
    tools::register_all(registry, *context, managers, catalog);
    text = *registry.page(mcp::List::tools, mcp::Version::v2025_11_25, "");
    return (*doc.parse(text))["tools"];
  }
  tools::Managers managers{managed()};
  std::string text;
  base::json::Document doc;
};

// The strict dialects of function calling take none of these.
void expect_plain(Value schema, const std::string& where) {
  for (const char* no : {"$ref", "$defs", "oneOf", "anyOf", "allOf", "not", "format", "pattern"})
    EXPECT_FALSE(schema[no].present()) << where << " " << no;
  for (const auto& [name, each] : schema["properties"].object()) {
    EXPECT_TRUE(each.is(Type::object)) << where << "." << name;
    EXPECT_TRUE(each["type"].is(Type::string)) << where << "." << name << ": one type (M8)";
    expect_plain(each, where + "." + std::string(name));
  }
  if (schema["items"].present()) expect_plain(schema["items"], where + "[]");
}

TEST_F(Register, EveryToolIsDescribedAndFitsItsClients) {
  mcp::Registry registry;
  std::size_t model = 0;
  std::set<std::string> spelled;
  for (const Value tool : list(registry).array()) {
    const std::string name(tool["name"].str());
    EXPECT_LE(kClientPrefix.size() + name.size(), kNameBytes) << name;
    std::string underscores = name;
    for (char& c : underscores)
      c = c == '.' ? '_' : c;
    EXPECT_TRUE(spelled.insert(underscores).second) << name;
    EXPECT_FALSE(tools::toolset_of(name).empty()) << name;
    EXPECT_FALSE(tool["title"].str().empty()) << name;
    EXPECT_GT(tool["description"].str().size(), 40u) << name << " says when to use it";
    for (const char* hint : {"readOnlyHint", "openWorldHint"})
      EXPECT_TRUE(tool["annotations"][hint].is(Type::boolean)) << name << " " << hint;
    EXPECT_EQ(tool["outputSchema"]["type"].str(), "object") << name;
    EXPECT_EQ(tool["inputSchema"]["type"].str(), "object") << name;
    for (const char* member : {"plane", "category", "action"})
      EXPECT_FALSE(tool["_meta"][member].str().empty()) << name << " " << member;
    expect_plain(tool["inputSchema"], name);
    model += name.size() + tool["description"].str().size() + tool["inputSchema"].to_json().size();
  }
  EXPECT_LE(model, kModelBytes);
  EXPECT_LE(text.size(), kListBytes);
  RecordProperty("tools", static_cast<int>(spelled.size()));
  std::printf("  %zu tools, %zu bytes of tools/list, %zu before a model\n", spelled.size(),
              text.size(), model);
}

// Those that write come on top, with --allow-writes.
TEST_F(Register, AToolThatWritesIsDescribedTooAndSaysWhatItDoes) {
  mcp::Registry registry;
  base::Budgets writes;
  change::Context context_of_writes(*context, writes);
  tools::register_writes(registry, context_of_writes, catalog);
  text = *registry.page(mcp::List::tools, mcp::Version::v2025_11_25, "");
  std::size_t model = 0, count = 0;
  for (const Value tool : (*doc.parse(text))["tools"].array()) {
    const std::string name(tool["name"].str());
    EXPECT_LE(kClientPrefix.size() + name.size(), kNameBytes) << name;
    EXPECT_FALSE(tools::toolset_of(name).empty()) << name;
    EXPECT_FALSE(tool["title"].str().empty()) << name;
    EXPECT_GT(tool["description"].str().size(), 40u) << name;
    for (const char* hint : {"readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"})
      EXPECT_TRUE(tool["annotations"][hint].is(Type::boolean)) << name << " " << hint;
    EXPECT_FALSE(tool["annotations"]["readOnlyHint"].bool_or(true)) << name;
    for (const char* argument : {"dryRun", "confirm", "cluster"})
      EXPECT_TRUE(tool["inputSchema"]["properties"][argument].present()) << name;
    expect_plain(tool["inputSchema"], name);
    model += name.size() + tool["description"].str().size() + tool["inputSchema"].to_json().size();
    ++count;
  }
  EXPECT_GE(count, 20u);
  EXPECT_LE(model, kWritesModelBytes);
  std::printf("  %zu tools, %zu bytes of tools/list, %zu before a model\n", count, text.size(),
              model);
}

TEST_F(Register, ToolsThatAreWithheldAreInNoListAndSayWhy) {
  mcp::Registry registry;
  base::Budgets writes;
  change::Context context_of_writes(*context, writes);
  tools::register_writes(registry, context_of_writes, catalog, "writes are off");
  text = *registry.page(mcp::List::tools, mcp::Version::v2025_11_25, "");
  EXPECT_EQ((*doc.parse(text))["tools"].size(), 0u);
  const mcp::Tool* apply = registry.find_tool("k0rdent_mgmt_objects_apply");
  ASSERT_TRUE(apply);
  EXPECT_EQ(registry.refusal(*apply, self()), std::optional<std::string>("writes are off"));
}

TEST_F(Register, AToolsetIsAPartOfThem) {
  std::set<std::string> all, in_sets;
  mcp::Registry everything;
  for (const Value tool : list(everything).array())
    all.emplace(tool["name"].str());
  for (const std::string_view set : tools::toolsets()) {
    mcp::Registry some;
    tools::ToolChoice choice({std::string(set)});
    some.choose_tools(
        base::Delegate<bool(std::string_view)>::bind<&tools::ToolChoice::offers>(&choice),
        "not chosen");
    const Value tools = list(some);
    EXPECT_GT(tools.size(), 0u) << set;
    for (const Value tool : tools.array()) {
      EXPECT_EQ(tools::toolset_of(tool["name"].str()), set);
      EXPECT_TRUE(in_sets.emplace(tool["name"].str()).second);
    }
    const mcp::Tool* graph = some.find_tool("k0rdent.mgmt.graph.snapshot");
    ASSERT_TRUE(graph) << "a call of it is answered with the reason";
    EXPECT_EQ(some.refusal(*graph, self()),
              set == "graph" ? std::nullopt : std::optional<std::string>("not chosen"));
  }
  EXPECT_EQ(in_sets, all);
}

}  // namespace
