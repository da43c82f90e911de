// Tools that take their time: progress, log messages, a stream that is closed early; and those that
// tell of changed lists.
#include <functional>

#include "conformance/server/catalogue.h"

namespace everything {

namespace {

using Call = mcp::TypedCall<mcp::ToolResult>;

constexpr base::Duration kStep = base::milliseconds(50);

// A call in steps, one every kStep: each does `step(n)` until it says that it was the last one.
class Steps final : public mcp::ToolRun {
 public:
  using Fn = bool (*)(const Call& call, int n);
  Steps(World& world, Call call, Fn step)
      : call_(call),
        step_(step),
        timer_(world.loop, "step", loop::Timer::Fn::bind<&Steps::on_timer>(this)) {
    timer_.arm(base::Duration::zero());
  }

 private:
  void on_timer() {
    const int n = n_++;
    if (step_(call_, n)) timer_.arm(kStep);
  }
  Call call_;
  Fn step_;
  int n_ = 0;
  loop::Timer timer_;
};

class StepTool final : public mcp::TypedTool<mcp::NoArguments> {
 public:
  StepTool(World& world, std::string name, std::string description, Steps::Fn step)
      : TypedTool({.name = std::move(name), .description = std::move(description)}),
        world_(world),
        step_(step) {}
  std::unique_ptr<mcp::ToolRun> start(mcp::NoArguments, Call call) override {
    return std::make_unique<Steps>(world_, call, step_);
  }

 private:
  World& world_;
  Steps::Fn step_;
};

bool tell_progress(const Call& call, int n) {
  call->progress({.done = 50.0 * n, .total = 100, .message = "step " + std::to_string(n)});
  if (n < 2) return true;
  call.succeed("Progress was told");
  return false;
}

bool tell_log(const Call& call, int n) {
  constexpr std::string_view kTexts[] = {R"("Tool execution started")", R"("Tool processing data")",
                                         R"("Tool execution completed")"};
  call->log(mcp::LogLevel::info, kTexts[n]);
  if (n < 2) return true;
  call.succeed("Three messages were logged");
  return false;
}

// Lets the client go, and is done a little later: the answer waits for it to come back.
bool let_go(const Call& call, int n) {
  if (n == 0) call->close_stream(base::milliseconds(500));
  if (n < 2) return true;
  call.succeed("Reconnection test completed");
  return false;
}

class AnnounceTool final : public mcp::TypedTool<mcp::NoArguments> {
 public:
  AnnounceTool(World& world, std::string name, mcp::List list)
      : TypedTool({.name = std::move(name), .description = "Tells listeners that a list changed"}),
        world_(world),
        list_(list) {}
  std::unique_ptr<mcp::ToolRun> start(mcp::NoArguments, Call call) override {
    world_.registry.announce(list_);
    call.succeed("Announced");
    return nullptr;
  }

 private:
  World& world_;
  mcp::List list_;
};

}  // namespace

void add_streaming_tools(World& world) {
  const auto add = [&world](const char* name, const char* description, Steps::Fn step) {
    world.registry.add(std::make_unique<StepTool>(world, name, description, step));
  };
  add("test_tool_with_progress", "Tells its progress", tell_progress);
  add("test_tool_with_logging", "Logs while it works", tell_log);
  add("test_logging_tool", "Logs, if that is wanted", tell_log);
  add("test_reconnection", "Closes its stream and answers later", let_go);
  world.registry.add(
      std::make_unique<AnnounceTool>(world, "test_trigger_tool_change", mcp::List::tools));
  world.registry.add(
      std::make_unique<AnnounceTool>(world, "test_trigger_prompt_change", mcp::List::prompts));
}

}  // namespace everything
