#include "answer/list_tool.h"

#include <string>
#include <utility>

#include "answer/list_run.h"

namespace answer {

using base::json::Value;
using base::json::Writer;

namespace {

std::string meta_of(const ListRow& row) {
  std::string out;
  Writer(out)
      .begin_object()
      .field("plane", "mgmt")
      .field("category", row.category)
      .field("action", row.action)
      .end_object();
  return out;
}

class ListTool final : public mcp::Tool {
 public:
  ListTool(const ListRow& row, cluster::Cluster& context)
      : context_(context), row_(row), input_(list_input(row)), output_(list_output(row)) {
    info_.name = row.name;
    info_.title = row.title;
    info_.description = row.description;
    info_.meta_json = meta_of(row);
    info_.open_world = false;
  }

  const mcp::ToolInfo& info() const override { return info_; }
  const mcp::Schema& input() const override { return input_; }
  const mcp::Schema* output() const override { return &output_; }

  std::unique_ptr<mcp::ToolRun> begin(Value given, mcp::ToolReply& reply) override {
    auto arguments = input_.read_as<ListArguments>(given);
    if (!arguments) {
      reply.fail(mcp::ToolError{arguments.error().what()});
      return nullptr;
    }
    return start_list(context_, row_, *std::move(arguments), reply);
  }

 private:
  cluster::Cluster& context_;
  const ListRow& row_;
  mcp::ToolInfo info_;
  mcp::Schema input_, output_;
};

}  // namespace

std::unique_ptr<mcp::Tool> make_list_tool(const ListRow& row, cluster::Cluster& context) {
  return std::make_unique<ListTool>(row, context);
}

}  // namespace answer
