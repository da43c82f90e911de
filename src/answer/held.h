// held: an answer within maxBytes, counted as it is sent: the structured answer, and the text as a JSON
// string. The tools fit what they have into it; hold() has the last word on what they cannot foresee.
#pragma once

#include <cstddef>

#include "mcp/tool.h"

namespace answer {

std::size_t sent_bytes(const mcp::ToolResult& result);

// Nothing when it fits. Else long lines of the text are cut, and long texts, lists and maps of the
// structured answer (fitted_answer()), which then says `truncated`; a note says what was cut.
void hold(mcp::ToolResult& result, std::size_t max_bytes);

}  // namespace answer
