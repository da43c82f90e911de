// SchemaTool: a tool whose schemas are made at run time, by a row of a table for instance, and whose
// result is a ToolResult with structured content of its own making. Arguments is the struct that the
// input schema reads (Schema::with<Arguments>()). A member `given_bytes` of it is set to about the size
// of all arguments.
#pragma once

#include <memory>
#include <utility>

#include "mcp/tool.h"

namespace mcp {

template <class Arguments>
class SchemaTool : public Tool {
 public:
  SchemaTool(ToolInfo info, Schema input, Schema output)
      : info_(std::move(info)), input_(std::move(input)), output_(std::move(output)) {}
  const ToolInfo& info() const final { return info_; }
  const Schema& input() const final { return input_; }
  const Schema* output() const final { return &output_; }
  std::unique_ptr<ToolRun> begin(base::json::Value given, ToolReply& reply) final {
    auto arguments = input_.template read_as<Arguments>(given);
    if constexpr (requires(Arguments a) { a.given_bytes; })
      if (arguments) arguments->given_bytes = given.text_size();
    if (arguments) return start(*std::move(arguments), reply);
    reply.fail(ToolError{arguments.error().what()});
    return nullptr;
  }

  // nullptr: answered inside.
  virtual std::unique_ptr<ToolRun> start(Arguments arguments, ToolReply& reply) = 0;

 private:
  const ToolInfo info_;
  const Schema input_, output_;
};

}  // namespace mcp
