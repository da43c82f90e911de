// The registry: what tools/list and resources/templates/list show, by revision.
#include "mcp/registry.h"

#include <gtest/gtest.h>

#include "support/mcp_world.h"

namespace {

using mcp::List;
using mcp::Version;

struct McpRegistry : testing::Test {
  McpRegistry() {
    registry.add(std::make_unique<test::TestTool>("b.tool", true));
    registry.add(std::make_unique<test::TestTool>("a.tool", true));
    registry.add(std::make_unique<test::TestFamily>());
  }
  const std::string& tools(Version version) { return *registry.page(List::tools, version, ""); }
  const std::string& templates(Version version) {
    return *registry.page(List::templates, version, "");
  }
  mcp::Registry registry;
};

TEST_F(McpRegistry, FindsToolsByNameAndNearness) {
  ASSERT_NE(registry.find_tool("a.tool"), nullptr);
  EXPECT_EQ(registry.find_tool("a.tool")->info().name, "a.tool");
  EXPECT_EQ(registry.find_tool("A.tool"), nullptr);
  EXPECT_EQ(registry.find_tool(""), nullptr);
  EXPECT_EQ(registry.nearest_tool("b.tol"), "b.tool");
  EXPECT_EQ(registry.nearest_tool("something else"), "");
  EXPECT_NE(registry.find_family("test://x"), nullptr);
  EXPECT_EQ(registry.find_family("other://x"), nullptr);
}

TEST_F(McpRegistry, ToolsAreSortedAndSerialisedOnce) {
  const std::string& list = tools(Version::v2025_11_25);
  EXPECT_LT(list.find("\"a.tool\""), list.find("\"b.tool\""));
  EXPECT_EQ(list.data(), tools(Version::v2025_11_25).data());
  registry.add(std::make_unique<test::TestTool>("c.tool", true));
  EXPECT_NE(tools(Version::v2025_11_25).find("\"c.tool\""), std::string::npos);
}

TEST_F(McpRegistry, A13EachRevisionSeesItsFields) {
  base::json::Document doc;
  const auto first = [&](Version version) {
    auto list = doc.parse(tools(version));
    return (*list)["tools"].at(0);
  };
  for (const Version version : {Version::v2025_06_18, Version::v2025_11_25}) {
    const auto tool = first(version);
    EXPECT_EQ(tool["title"].str(), "A tool");
    EXPECT_TRUE(tool["outputSchema"].present());
    EXPECT_EQ(tool["_meta"]["plane"].str(), "test");
    EXPECT_EQ(tool["annotations"]["readOnlyHint"].as_bool(), true);
  }
  const auto old = first(Version::v2025_03_26);
  EXPECT_FALSE(old["title"].present());
  EXPECT_FALSE(old["outputSchema"].present());
  EXPECT_FALSE(old["_meta"].present());
  EXPECT_EQ(old["annotations"]["title"].str(), "A tool");
  EXPECT_EQ(old["inputSchema"]["type"].str(), "object");
}

TEST_F(McpRegistry, A13IconsCameWith20251125HintsAreInEveryRevision) {
  struct Drawn final : mcp::TypedTool<mcp::NoArguments> {
    Drawn()
        : TypedTool({.name = "0.drawn",
                     .icons = {{"https://x.example/i.png", "image/png", {"48x48"}, "dark"}},
                     .read_only = false,
                     .destructive = true,
                     .idempotent = false,
                     .open_world = false}) {}
    std::unique_ptr<mcp::ToolRun> start(mcp::NoArguments,
                                        mcp::TypedCall<mcp::ToolResult>) override {
      return nullptr;
    }
  };
  registry.add(std::make_unique<Drawn>());
  base::json::Document doc;
  for (const Version version :
       {Version::v2025_03_26, Version::v2025_06_18, Version::v2025_11_25, Version::v2026_07_28}) {
    const auto list = doc.parse(tools(version));
    const auto tool = (*list)["tools"].at(0);
    ASSERT_EQ(tool["name"].str(), "0.drawn");
    EXPECT_EQ(tool["icons"].to_json(),
              version < Version::v2025_11_25
                  ? ""
                  : R"([{"src":"https://x.example/i.png","mimeType":"image/png",)"
                    R"("sizes":["48x48"],"theme":"dark"}])");
    const auto hints = tool["annotations"];
    EXPECT_EQ(hints["readOnlyHint"].as_bool(), false);
    EXPECT_EQ(hints["destructiveHint"].as_bool(), true);
    EXPECT_EQ(hints["idempotentHint"].as_bool(), false);
    EXPECT_EQ(hints["openWorldHint"].as_bool(), false);
  }
}

TEST_F(McpRegistry, A14TemplatesShowTheirTitleWhereThereIsOne) {
  EXPECT_EQ(templates(Version::v2025_11_25),
            R"({"resourceTemplates":[{"uriTemplate":"test://{name}","name":"test.things",)"
            R"("title":"Things","description":"Things to test with.","mimeType":"text/plain"}]})");
  EXPECT_EQ(templates(Version::v2025_03_26).find("title"), std::string::npos);
}

TEST_F(McpRegistry, VersionsAreReadAndWritten) {
  Version version{};
  EXPECT_TRUE(mcp::parse_version("2025-06-18", version));
  EXPECT_EQ(mcp::to_string(version), "2025-06-18");
  EXPECT_TRUE(mcp::parse_version("2024-11-05", version));
  EXPECT_FALSE(mcp::parse_version("2024-10-07", version));
}

}  // namespace
