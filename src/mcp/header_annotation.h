// The x-mcp-header annotations of a tool's input schema, checked when the tool is added: a client
// drops a tool whose annotations break the rules, and nobody would be told.
#pragma once

#include <string>

#include "base/json.h"

namespace mcp {

// What is wrong with those of `schema`, or "": one is no token or comes twice, is of what is no
// string, integer or boolean, or is elsewhere than on a property to which `properties` alone lead
// (MCP 2026-07-28, Transports, "Schema Extension").
std::string annotation_problem(base::json::Value schema);

}  // namespace mcp
