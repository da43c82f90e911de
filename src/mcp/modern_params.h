// Mirrored parameters: arguments of a tool that its input schema marks with x-mcp-header also
// travel as Mcp-Param-<name> headers (MCP 2026-07-28, Transports, "Custom Headers from Tool
// Parameters").
//
//   argument        header                                result
//   there           there, the same when decoded          good
//   there           missing, different, badly encoded     what is wrong
//   absent or null  absent                                good
//   absent or null  there                                 what is wrong
// Over HTTP alone: a transport without headers has none to repeat them in.
// Integers are compared as numbers (42.0 is 42), booleans as true and false.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "mcp/modern_headers.h"

namespace mcp {

struct MirroredParam {
  std::vector<std::string> path;  // from the arguments down
  std::string header;             // without "Mcp-Param-"
};

// Those of an input schema, found through `properties` alone.
std::vector<MirroredParam> mirrored_params(base::json::Value schema);

// What is wrong, or "".
std::string check_params(const std::vector<MirroredParam>& params, base::json::Value arguments,
                         const Mirror& mirror);

}  // namespace mcp
