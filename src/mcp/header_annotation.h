// The x-mcp-header annotations of a tool's input schema, checked when the tool is added: clients
// silently drop a tool whose annotations break the rules.
#pragma once

#include <string>

#include "base/json.h"

namespace mcp {

// What is wrong with the annotations in `schema`, or "": one is no token or is used twice, its
// property is no string, integer or boolean, or it is not on a property that is reachable through
// `properties` alone (MCP 2026-07-28, Transports, "Schema Extension").
std::string annotation_problem(base::json::Value schema);

}  // namespace mcp
