// The tool of a ListRow. Arguments that all lists share:
//
//   namespace      only this one; absent: all that the caller may see (namespaced kinds only)
//   labelSelector  Kubernetes' grammar
//   fieldSelector  Kubernetes' grammar; the API server knows which fields a kind supports
//   sortBy         a column (row_shape.h); absent: the API server's order, namespace and name
//   limit          rows, 1 to 1,000
//   continue       the value that the answer before this one returned
//   fields         members of the row, or paths of the object; absent: all members
//   format         of the text: table (kubectl's columns), json (the structured answer) or yaml
//   maxBytes       of text and structured answer together
//
// Answer: {KEY: [row …], "truncated": true, "remaining": n, "atLeast": true, "continue": "…",
// "notes": ["…"]}; the members after KEY only where they apply. An answer is cut at a whole row, by limit or by maxBytes, and the next
// one goes on after it: rows that come or go meanwhile neither repeat others nor hide them.
// The first row is always given: when it alone is over maxBytes, its long texts, lists and maps are cut,
// and a note says so.
//
// With sortBy each answer reads the whole list and keeps its first rows that come after the cursor.
//
// Memory: the rows of one answer, and one object of a page at a time.
#pragma once

#include <memory>

#include "answer/list_arguments.h"
#include "answer/list_row.h"
#include "cluster/cluster.h"
#include "mcp/tool.h"

namespace answer {

// `row` and `context` must outlive the tool.
std::unique_ptr<mcp::Tool> make_list_tool(const ListRow& row, cluster::Cluster& context);

}  // namespace answer
