#include "answer/list_tool.h"

#include <string>
#include <utility>

#include "answer/list_run.h"
#include "kinds/need.h"
#include "mcp/schema_tool.h"

namespace answer {

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

// A list without rows asks whether its namespace is there.
mcp::Needs needs_of(const ListRow& row) {
  mcp::Needs out = kinds::need("list", row.kind);
  if (row.kind.namespaced) out = std::move(out) + kinds::need("get", {"Namespace"});
  if (row.join) out = std::move(out) + kinds::need("list", row.join->kind);
  return row.needs ? std::move(out) + row.needs() : out;
}

mcp::ToolInfo info_of(const ListRow& row) {
  return {.name = std::string(row.name),
          .title = std::string(row.title),
          .description = std::string(row.description),
          .meta_json = meta_of(row),
          .open_world = false,
          .needs = needs_of(row)};
}

class ListTool final : public mcp::SchemaTool<ListArguments> {
 public:
  ListTool(const ListRow& row, cluster::Cluster& cluster)
      : SchemaTool(info_of(row), list_input(row), list_output(row)), cluster_(cluster), row_(row) {}

  std::unique_ptr<mcp::ToolRun> start(ListArguments arguments, mcp::ToolReply& reply) override {
    return start_list(cluster_, row_, std::move(arguments), reply);
  }

 private:
  cluster::Cluster& cluster_;
  const ListRow& row_;
};

}  // namespace

std::unique_ptr<mcp::Tool> make_list_tool(const ListRow& row, cluster::Cluster& context) {
  return std::make_unique<ListTool>(row, context);
}

}  // namespace answer
