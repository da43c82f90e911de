// The entries of the four lists (tools, prompts, resources, templates). Each function writes one
// JSON object, with the members that `version` defines.
#pragma once

#include "base/json.h"
#include "mcp/prompt.h"
#include "mcp/resource.h"
#include "mcp/tool.h"
#include "mcp/version.h"

namespace mcp {

// `name`: in the spelling to show (ToolNames).
void write_tool(base::json::Writer& w, const Tool& tool, std::string_view name, Version version);
void write_prompt(base::json::Writer& w, const Prompt& prompt, Version version);
void write_resource(base::json::Writer& w, const ResourceInfo& info, Version version);
void write_template(base::json::Writer& w, const ResourceInfo& info, Version version);

}  // namespace mcp
