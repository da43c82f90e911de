// One call of a list tool: lists, chooses, cuts and answers (list_tool.h says what the arguments
// mean and what the answer holds).
#pragma once

#include <memory>

#include "answer/list_arguments.h"
#include "answer/list_row.h"
#include "cluster/cluster.h"
#include "mcp/tool.h"

namespace answer {

// `context`, `row` and `reply` must outlive the run. nullptr: answered inside.
std::unique_ptr<mcp::ToolRun> start_list(cluster::Cluster& context, const ListRow& row,
                                         ListArguments arguments, mcp::ToolReply& reply);

}  // namespace answer
