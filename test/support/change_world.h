// The world of the writing tools' tests: the tools by name, calls of them, and confirmations.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/json.h"
#include "change/context.h"
#include "mcp/tool.h"
#include "support/tools_world.h"

namespace test {

class ChangeWorld : public ToolsWorld {
 protected:
  ChangeWorld() : change(*context, writes) { context->name = "sim"; }

  void add(std::vector<std::unique_ptr<mcp::Tool>> some) {
    for (auto& tool : some)
      tools[tool->info().name] = std::move(tool);
  }

  // An object that there is; `metadata` without its braces, all in YAML.
  void load(const std::string& api, const std::string& kind, const std::string& metadata,
            const std::string& spec) {
    EXPECT_TRUE(this->api.store()
                    .load("{apiVersion: " + api + ", kind: " + kind + ", metadata: {" + metadata +
                          "}, spec: " + spec + "}")
                    .has_value());
  }

  struct Answer {
    TestReply reply;
    std::shared_ptr<base::json::Document> doc = std::make_shared<base::json::Document>();
    base::json::Value root = {};
    base::json::Value operator[](std::string_view key) const { return root[key]; }
    std::string status() const { return std::string(root["status"].str()); }
    bool failed() const { return reply.text.starts_with("error: "); }
    // Whether the text for the model has these words.
    bool says(std::string_view words) const {
      const std::string& text = failed() ? reply.text : reply.shown;
      return text.find(words) != std::string::npos;
    }
    const std::string& text() const { return failed() ? reply.text : reply.shown; }
  };
  Answer ask(const std::string& name, const std::string& arguments,
             const mcp::Caller& caller = self()) {
    const auto tool = tools.find(name);
    if (tool == tools.end()) {
      ADD_FAILURE() << "no tool " << name;
      return {.reply = TestReply(caller)};
    }
    Answer out{.reply = call(*tool->second, arguments, caller)};
    if (const auto root = out.doc->parse(out.reply.text)) out.root = *root;
    return out;
  }
  // Asks, and again with the token.
  Answer confirmed(const std::string& name, std::string arguments) {
    const Answer first = ask(name, arguments);
    EXPECT_EQ(first.status(), "confirmation_required") << first.reply.text;
    return ask(name, with_token(std::move(arguments), first["confirm"].str()));
  }
  static std::string with_token(std::string arguments, std::string_view token) {
    arguments.insert(arguments.size() - 1, R"(,"confirm":")" + std::string(token) + "\"");
    return arguments;
  }

  sim::View view(const std::string& group, const std::string& version, const std::string& plural) {
    return api.store().find(group, version, plural);
  }
  void put(const std::string& group, const std::string& version, const std::string& plural,
           std::string_view json) {
    api.store().put(view(group, version, plural), json);
  }
  // "": there is none.
  std::string stored(const sim::View& of, std::string_view key) {
    const sim::Object* object = api.store().get(of, key);
    return object ? of.json(*object) : std::string();
  }

  base::Budgets writes;
  change::Context change;
  std::map<std::string, std::unique_ptr<mcp::Tool>> tools;
};

}  // namespace test
