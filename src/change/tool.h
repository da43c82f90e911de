// A writing tool: its row (name, texts, arguments) and how its Planner is made. The rest is run.h.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "change/answer.h"
#include "change/arguments.h"
#include "change/context.h"
#include "change/run.h"
#include "mcp/schema_tool.h"

namespace change {

// `Arguments`: derived from CommonArguments.
template <class Arguments>
class WritingTool final : public mcp::SchemaTool<Arguments> {
 public:
  // Errc::invalid_argument: in words that go with the schema.
  using Make = base::Result<std::unique_ptr<Planner>> (*)(Context&, Arguments);

  // `members`: of the answer beside the common ones, as JSON properties. `context` must outlive this.
  WritingTool(Context& context, mcp::ToolInfo info, mcp::Fields fields, Make make,
              std::string_view members = {})
      : mcp::SchemaTool<Arguments>(writing(std::move(info)),
                                   mcp::Schema::with<Arguments>(std::move(fields)),
                                   mcp::Schema::verbatim(output_schema(members))),
        context_(context),
        make_(make) {
    for (const mcp::Field& each : this->input().fields())
      can_force_ = can_force_ || each.name == "force";
  }

  std::unique_ptr<mcp::ToolRun> start(Arguments arguments, mcp::ToolReply& reply) override {
    if (this->info().tasks != mcp::TaskSupport::never && waits(arguments) && reply.become_task())
      return nullptr;
    CommonArguments common = arguments;
    common.can_force = can_force_;
    auto planner = make_(context_, std::move(arguments));
    if (!planner) {
      reply.fail(mcp::ToolError{planner.error().what()});
      return nullptr;
    }
    return std::make_unique<ChangeRun>(context_, this->info().name, std::move(common),
                                       *std::move(planner), reply);
  }

 private:
  static mcp::ToolInfo writing(mcp::ToolInfo info) {
    info.read_only = false;
    return info;
  }
  static bool waits(const Arguments& arguments) {
    if constexpr (requires { arguments.wait; }) return arguments.wait && !arguments.dry_run;
    return false;
  }

  Context& context_;
  const Make make_;
  bool can_force_ = false;
};

}  // namespace change
