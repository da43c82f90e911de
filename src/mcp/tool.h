// What a tool author writes. A new tool is one file, and one line where the application registers
// its tools:
//
//   struct Arguments { std::string ns; static mcp::Fields fields(); };                // schema.h
//   struct Result { std::vector<std::string> names; static mcp::Fields fields(); };
//
//   class ListTool final : public mcp::TypedTool<Arguments, Result> {
//    public:
//     ListTool() : TypedTool({.name = "things.list", .title = "List things", …}) {}
//     std::unique_ptr<mcp::ToolRun> start(Arguments arguments,
//                                         mcp::TypedCall<Result> call) override {
//       if (arguments.ns == "secret") {
//         call.fail(mcp::ToolError{"access to this namespace is denied"});
//         return nullptr;                                     // answered at once
//       }
//       return std::make_unique<ListRun>(…, call);            // answers later: context.h
//     }
//   };
//
// Arguments defines the input schema, and how arguments are checked and read; Result defines the
// output schema, structuredContent and its copy as text. A tool that returns text, images or the
// like has ToolResult as its Result, and no output schema. context.h lists what a call can do until
// it ends.
//
// A tool that may take longer than a client should wait sets ToolInfo::tasks, and begins with
//       if (call.becomes_task()) return nullptr;
// A client that can follow tasks (task.h) then gets its answer, and polls for the result later.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "mcp/content.h"
#include "mcp/context.h"
#include "mcp/need.h"
#include "mcp/schema.h"
#include "mcp/scope.h"

namespace mcp {

// May a call go on as a task? required: a client that cannot follow tasks gets an error, and
// start() is not called.
enum class TaskSupport : unsigned char { never, optional, required };

struct ToolInfo {
  std::string name;  // [A-Za-z0-9_.-]{1,128}
  std::string title = {};
  std::string description = {};
  std::vector<Icon> icons = {};
  std::string meta_json = {};  // _meta, an object; "": none
  // Hints, as tools/list shows them; the defaults are for a tool that changes nothing.
  bool read_only = true;
  bool destructive = false;
  bool idempotent = true;
  bool open_world = true;
  TaskSupport tasks = TaskSupport::never;
  Needs needs = {};           // of every call, whatever its arguments
  Scope scope = Scope::read;  // of a tool that changes nothing; see scope_of()
};

// The scope that a caller's token needs for the tool: a tool that changes something needs write.
inline Scope scope_of(const ToolInfo& info) {
  return info.read_only ? info.scope : Scope::write;
}

// The tool could not do what was asked: the model sees the message and may try again (it never sees
// an RpcError).
struct ToolError {
  std::string message;
};

struct ToolResult {
  std::vector<Content> content = {};
  // An object that fits the output schema, on one line. If `content` is empty it is also sent as
  // text, for clients that do not support structured content.
  std::string structured_json = {};
  std::string meta_json = {};  // _meta, an object; "": none
};

// The call as an untyped tool sees it. Outlives the run.
class ToolReply : public CallContext {
 public:
  using CallContext::fail;
  virtual void succeed(ToolResult result) = 0;
  virtual void fail(ToolError error) = 0;
  // True: the round ends here. The client got a task as its answer, in which the tool is started
  // again with the same arguments and answers. False: go on; this is already the task, or the call
  // cannot become one.
  virtual bool become_task() { return false; }
};

// The call of a tool whose result is a Result. A handle: copy it into the run.
template <class Result>
class TypedCall {
 public:
  explicit TypedCall(ToolReply& reply) : reply_(&reply) {}
  void succeed(const Result& result) const {
    reply_->succeed({.structured_json = to_json(result)});
  }
  // `text`: for models, where the result's JSON reads worse.
  void succeed(const Result& result, std::string text) const {
    reply_->succeed(
        {.content = {Content::of_text(std::move(text))}, .structured_json = to_json(result)});
  }
  void succeed(JsonOf<Result> result) const {
    reply_->succeed({.structured_json = std::move(result.text)});
  }
  void fail(ToolError error) const { reply_->fail(std::move(error)); }
  void fail(RpcError error) const { reply_->fail(std::move(error)); }
  bool becomes_task() const { return reply_->become_task(); }
  CallContext* operator->() const { return reply_; }

 private:
  ToolReply* reply_;
};
template <>
class TypedCall<ToolResult> {
 public:
  explicit TypedCall(ToolReply& reply) : reply_(&reply) {}
  void succeed(ToolResult result) const { reply_->succeed(std::move(result)); }
  void succeed(std::string text) const {
    ToolResult result;
    result.content.push_back(Content::of_text(std::move(text)));
    reply_->succeed(std::move(result));
  }
  void fail(ToolError error) const { reply_->fail(std::move(error)); }
  void fail(RpcError error) const { reply_->fail(std::move(error)); }
  bool becomes_task() const { return reply_->become_task(); }
  CallContext* operator->() const { return reply_; }

 private:
  ToolReply* reply_;
};

// A tool as the registry holds it. Derive from TypedTool, or from this if the schema is no struct.
class Tool {
 public:
  virtual ~Tool() = default;
  virtual const ToolInfo& info() const = 0;
  virtual const Schema& input() const = 0;
  virtual const Schema* output() const = 0;  // nullptr: no structured content
  // Starts one round. `arguments`: as received, not checked (absent if the call has none), valid
  // inside this call only; refuse what does not fit with a ToolError. nullptr when the round ended
  // inside.
  virtual std::unique_ptr<ToolRun> begin(base::json::Value arguments, ToolReply& reply) = 0;
};

template <class Arguments, class Result = ToolResult>
class TypedTool : public Tool {
 public:
  explicit TypedTool(ToolInfo info) : info_(std::move(info)) {}
  const ToolInfo& info() const final { return info_; }
  const Schema& input() const final { return Schema::of<Arguments>(); }
  const Schema* output() const final {
    if constexpr (std::is_same_v<Result, ToolResult>) {
      return nullptr;
    } else {
      return &Schema::of<Result>();
    }
  }
  std::unique_ptr<ToolRun> begin(base::json::Value arguments, ToolReply& reply) final {
    auto read = Schema::read<Arguments>(arguments);
    if (read) return start(*std::move(read), TypedCall<Result>(reply));
    // As a ToolError in every revision, so that the model sees it and can correct the arguments
    // (MCP 2025-11-25, Tools, "Error Handling").
    reply.fail(ToolError{read.error().what()});
    return nullptr;
  }

  virtual std::unique_ptr<ToolRun> start(Arguments arguments, TypedCall<Result> call) = 0;

 private:
  ToolInfo info_;
};

}  // namespace mcp
