// Mirrored parameters: arguments that a tool's input schema marks with x-mcp-header are also sent
// as Mcp-Param-<name> headers (MCP 2026-07-28, Transports, "Custom Headers from Tool Parameters").
//
//   argument        header                              result
//   present         present, equal when decoded         valid
//   present         absent, different, badly encoded    an error
//   absent or null  absent                              valid
//   absent or null  present                             an error
//
// Checked over HTTP only: a transport without headers cannot send them. Integers are compared as
// numbers (42.0 equals 42), booleans as true and false.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "mcp/shared/mirrored_headers.h"

namespace mcp::modern {

struct MirroredParam {
  std::vector<std::string> path;  // of keys, from the arguments object down
  std::string header;             // without "Mcp-Param-"
};

// The mirrored parameters of an input schema: those reachable through `properties` alone.
std::vector<MirroredParam> mirrored_params(base::json::Value schema);

// Describes the first difference, or returns "".
std::string check_params(const std::vector<MirroredParam>& params, base::json::Value arguments,
                         const shared::Mirror& mirror);

}  // namespace mcp::modern
