// The entries of the four lists, as each revision knows them.
#pragma once

#include "base/json.h"
#include "mcp/prompt.h"
#include "mcp/resource.h"
#include "mcp/tool.h"
#include "mcp/version.h"

namespace mcp {

// `name`: as it is to be shown.
void write_tool(base::json::Writer& w, const Tool& tool, std::string_view name, Version version);
void write_prompt(base::json::Writer& w, const Prompt& prompt, Version version);
void write_resource(base::json::Writer& w, const ResourceInfo& info, Version version);
void write_template(base::json::Writer& w, const ResourceInfo& info, Version version);

}  // namespace mcp
