// The everything-server's catalogue: one of each kind of tool, resource and prompt that the
// official conformance suite asks a server for, built on the library's face alone.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "loop/loop.h"
#include "mcp/registry.h"

namespace everything {

// What the entries use; outlives the registry.
struct World {
  loop::Loop& loop;
  mcp::Registry& registry;
};

void add_plain_tools(World& world);
void add_streaming_tools(World& world);
void add_asking_tools(World& world);
void add_task_tools(World& world);
void add_resources(World& world);
void add_prompts(World& world);

// One red pixel, and a sample of silence.
std::string png();
std::string wav();

// A tool without arguments that answers at once, by a function.
template <class Arguments = mcp::NoArguments>
class QuickTool final : public mcp::TypedTool<Arguments> {
 public:
  using Call = mcp::TypedCall<mcp::ToolResult>;
  using Fn = void (*)(const Arguments&, const Call&);
  QuickTool(std::string name, std::string description, Fn fn)
      : mcp::TypedTool<Arguments>({.name = std::move(name), .description = std::move(description)}),
        fn_(fn) {}
  std::unique_ptr<mcp::ToolRun> start(Arguments arguments, Call call) override {
    fn_(arguments, call);
    return nullptr;
  }

 private:
  Fn fn_;
};

}  // namespace everything
