// Tools whose calls go on as tasks: quick ones, slow ones, failing ones, those that ask.
#include "conformance/server/catalogue.h"

namespace everything {

namespace {

using mcp::Question;
using mcp::TaskSupport;
using Call = mcp::TypedCall<mcp::ToolResult>;

template <class Arguments>
class TaskTool : public mcp::TypedTool<Arguments> {
 public:
  using Fn = std::unique_ptr<mcp::ToolRun> (*)(World& world, const Arguments&, const Call&);
  TaskTool(World& world, std::string name, TaskSupport tasks, Fn fn)
      : mcp::TypedTool<Arguments>({.name = std::move(name),
                                   .description = "A call that may go on as a task",
                                   .tasks = tasks}),
        world_(world),
        fn_(fn) {}
  std::unique_ptr<mcp::ToolRun> start(Arguments arguments, Call call) override {
    return fn_(world_, arguments, call);
  }

 private:
  World& world_;
  Fn fn_;
};

// Succeeds, or fails, after a while.
class After final : public mcp::ToolRun {
 public:
  using Fn = void (*)(const Call&, const std::string& text);
  After(World& world, base::Duration time, Call call, Fn fn, std::string text)
      : call_(call),
        fn_(fn),
        text_(std::move(text)),
        timer_(world.loop, "after", loop::Timer::Fn::bind<&After::on_timer>(this)) {
    timer_.arm(time);
  }

 private:
  void on_timer() { fn_(call_, text_); }
  Call call_;
  Fn fn_;
  std::string text_;
  loop::Timer timer_;
};

struct Greeted {
  std::string name;
  static mcp::Fields fields() {
    return {mcp::field<&Greeted::name>({.name = "name", .required = true})};
  }
};

void greet(const Greeted& arguments, const Call& call) {
  call.succeed("Hello, " + arguments.name + "!");
}

struct Slow {
  double seconds = 1;
  std::string label;
  static mcp::Fields fields() {
    return {mcp::field<&Slow::seconds>({.name = "seconds"}),
            mcp::field<&Slow::label>({.name = "label"})};
  }
};

std::unique_ptr<mcp::ToolRun> slow_compute(World& world, const Slow& arguments, const Call& call) {
  if (call.becomes_task()) return nullptr;
  const auto time = base::milliseconds(static_cast<std::int64_t>(arguments.seconds * 1000));
  return std::make_unique<After>(
      world, time, call, [](const Call& c, const std::string& text) { c.succeed(text); },
      "Computed " + arguments.label);
}

std::unique_ptr<mcp::ToolRun> failing_job(World& world, const mcp::NoArguments&, const Call& call) {
  if (call.becomes_task()) return nullptr;
  return std::make_unique<After>(
      world, base::milliseconds(300), call,
      [](const Call& c, const std::string& text) { c.fail(mcp::ToolError{text}); },
      "The job did not work");
}

std::unique_ptr<mcp::ToolRun> protocol_error_job(World& world, const mcp::NoArguments&,
                                                 const Call& call) {
  if (call.becomes_task()) return nullptr;
  return std::make_unique<After>(
      world, base::milliseconds(300), call,
      [](const Call& c, const std::string& text) {
        c.fail(mcp::RpcError{mcp::RpcCode::internal_error, text, {}});
      },
      "The job broke");
}

struct Ok {
  bool ok = false;
  static mcp::Fields fields() { return {mcp::field<&Ok::ok>({.name = "confirm"})}; }
};

struct File {
  std::string filename;
  static mcp::Fields fields() {
    return {mcp::field<&File::filename>({.name = "filename", .required = true})};
  }
};

std::unique_ptr<mcp::ToolRun> confirm_delete(World&, const File& arguments, const Call& call) {
  if (call.becomes_task()) return nullptr;
  const mcp::Elicited* answer = call->answers().elicited("confirm");
  if (!answer) {
    call->ask({Question::form<Ok>("confirm", "Delete " + arguments.filename + "?")});
  } else {
    call.succeed((answer->accepted() ? "Deleted " : "Kept ") + arguments.filename);
  }
  return nullptr;
}

std::unique_ptr<mcp::ToolRun> multi_input(World&, const mcp::NoArguments&, const Call& call) {
  if (call.becomes_task()) return nullptr;
  const mcp::Answers& answers = call->answers();
  if (answers.elicited("first") && answers.elicited("second")) {
    call.succeed("Both were answered");
  } else {
    call->ask({Question::form<Ok>("first", "First?"), Question::form<Ok>("second", "Second?")});
  }
  return nullptr;
}

struct Name {
  std::string name;
  static mcp::Fields fields() { return {mcp::field<&Name::name>({.name = "name"})}; }
};

// Asks in the call itself, and goes on as a task with the answer.
std::unique_ptr<mcp::ToolRun> ask_then_task(World& world, const mcp::NoArguments&,
                                            const Call& call) {
  const mcp::Elicited* answer = call->answers().elicited("user_name");
  if (!answer) {
    call->ask({Question::form<Name>("user_name", "What is your name?")});
    return nullptr;
  }
  if (call.becomes_task()) return nullptr;
  const auto name = answer->content<Name>();
  return std::make_unique<After>(
      world, base::milliseconds(200), call,
      [](const Call& c, const std::string& text) { c.succeed(text); },
      "Hello, " + (name ? name->name : "stranger") + "!");
}

}  // namespace

void add_task_tools(World& world) {
  mcp::Registry& registry = world.registry;
  const auto add = [&]<class Arguments>(
                       const char* name, TaskSupport tasks,
                       std::unique_ptr<mcp::ToolRun> (*fn)(World&, const Arguments&, const Call&)) {
    registry.add(std::make_unique<TaskTool<Arguments>>(world, name, tasks, fn));
  };
  registry.add(std::make_unique<QuickTool<Greeted>>("greet", "Greets", greet));
  add("slow_compute", TaskSupport::optional, slow_compute);
  add("failing_job", TaskSupport::required, failing_job);
  add("protocol_error_job", TaskSupport::required, protocol_error_job);
  add("confirm_delete", TaskSupport::optional, confirm_delete);
  add("multi_input", TaskSupport::optional, multi_input);
  add("test_tool_with_task", TaskSupport::required, ask_then_task);
}

}  // namespace everything
