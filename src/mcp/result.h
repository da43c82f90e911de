// Results as JSON objects, as each revision defines them. The modern era adds its own members
// (modern/result.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mcp/completion.h"
#include "mcp/prompt.h"
#include "mcp/resource.h"
#include "mcp/tool.h"

namespace mcp {

std::string tool_result_json(const ToolResult& result, Version version);
// The result (isError) of a tool that could not do what was asked; `text` is for the model.
std::string tool_error_json(std::string_view text);
std::string prompt_result_json(const PromptResult& result, Version version);
std::string read_result_json(std::string_view uri, const ResourceContent& content, Version version);
std::string completion_result_json(const std::vector<std::string>& values,
                                   std::optional<std::uint64_t> total);

// `error`, with data {"uri":URI} added if it has no data.
RpcError about_uri(RpcError error, std::string_view uri);

}  // namespace mcp
