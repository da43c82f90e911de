// The writing tools for objects of any kind: apply, patch, delete, scale, restart, annotate, label.
#pragma once

#include <memory>
#include <vector>

#include "change/context.h"
#include "mcp/tool.h"

namespace objects {

// `context` must outlive them.
std::vector<std::unique_ptr<mcp::Tool>> make_write_tools(change::Context& context);

}  // namespace objects
