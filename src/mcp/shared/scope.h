// The scope that a message needs (mcp/scope.h), decided before any of a request's messages runs.
#pragma once

#include "base/json.h"
#include "mcp/jsonrpc.h"
#include "mcp/registry.h"
#include "mcp/scope.h"

namespace mcp::shared {

// That of the tool that is called, or of the resources that are read or subscribed to; read for
// everything else, and for names that do not exist. A task is found only by a caller that has the
// scope of its tool (modern/task_table.h).
Scope scope_of(const Registry& registry, const Message& message);
// The highest of a batch's messages.
Scope scope_of(const Registry& registry, base::json::Array batch);

}  // namespace mcp::shared
