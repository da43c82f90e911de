// The four kinds of calls: how each begins a round, and how its result or error is written.
#pragma once

#include "mcp/shared/call.h"
#include "mcp/shared/lookup.h"

namespace mcp::shared {

// Begins the call of `target`, which look_up_target() found for the message, in `start.calls`. The
// target must outlive it.
void begin_call(CallStart start, const CallTarget& target);

}  // namespace mcp::shared
