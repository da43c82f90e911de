// ListAnswer: rows as a tool's result: {KEY: [row …], "truncated": true, "remaining": n,
// "atLeast": true, "continue": "…", "notes": ["…"]}, the members after KEY only where they apply
// (`truncated` without `continue`: of the only row something is cut, as a note says),
// and the same as text: kubectl's table with a line for the cut and for each note, or YAML. With
// Format::json there is no text: clients get the structured answer's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "answer/rows.h"
#include "mcp/tool.h"

namespace answer {

struct ListAnswer {
  std::string_view key;
  std::string nothing;  // the text when there are no rows, without its full stop
  Format format = Format::table;
  std::string go_on = {};  // "": not cut
  std::int64_t left = 0;   // rows beyond the cut
  bool at_least = false;   // there may be more than `left`
  bool omitted = false;    // `left` is also called so
  std::vector<std::string> notes = {};
};

mcp::ToolResult list_result(const ListAnswer& answer, const Rows& rows);

// "table", "json" or "yaml".
Format format_of(std::string_view word);

}  // namespace answer
