// What a tool author writes: a Tool (what it is) and, for each call, a ToolRun (its members are the
// locals, its methods the steps).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/json.h"
#include "mcp/caller.h"
#include "mcp/schema.h"

namespace mcp {

struct ToolInfo {
  std::string name;  // [A-Za-z0-9_.-]{1,128}
  std::string title;
  std::string description;
  Schema input{{}};
  std::string output_schema_json;  // an object schema; "" : no structured content
  std::string meta_json;           // _meta, an object; "" : none
  bool read_only = true;
  bool destructive = false;
  bool idempotent = true;
  bool open_world = true;
};

// Where a call's outcome goes. Exactly one of the two, once; also allowed inside Tool::start. The
// run is freed after that (never inside the call).
class ToolReply {
 public:
  virtual ~ToolReply() = default;
  // `structured_json`: an object that fits the output schema, on one line; it becomes
  // structuredContent and, as text, the one content item.
  virtual void succeed(std::string structured_json) = 0;
  // A tool error that the model can see: isError with this text.
  virtual void fail(std::string message) = 0;
};

class ToolRun {
 public:
  virtual ~ToolRun() = default;  // cancels what is under way
};

class Tool {
 public:
  virtual ~Tool() = default;
  virtual const ToolInfo& info() const = 0;
  // `arguments` fit the input schema and are valid inside this call only (absent when none came).
  // `caller` is copied if needed later. `reply` lives until the run is destroyed. May return
  // nullptr when the reply was given inside.
  virtual std::unique_ptr<ToolRun> start(const Caller& caller, base::json::Value arguments,
                                         ToolReply& reply) = 0;
};

}  // namespace mcp
