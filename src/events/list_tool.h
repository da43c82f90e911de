// k0rdent.mgmt.events.list: the events of a namespace, newest first, filtered (`limit` keeps the
// newest).
#pragma once

#include <memory>

#include "cluster/context.h"
#include "mcp/tool.h"

namespace events {

// `context` must outlive the tool.
std::unique_ptr<mcp::Tool> make_events_tool(cluster::Context& context);

}  // namespace events
