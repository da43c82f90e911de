// k0rdent.mgmt.events.list: the events of a namespace, newest first, filtered (`limit` keeps the
// newest).
#pragma once

#include <memory>

#include "mcp/tool.h"
#include "tools/kube_context.h"

namespace tools {

// `context` must outlive the tool.
std::unique_ptr<mcp::Tool> make_events_tool(KubeContext& context);

}  // namespace tools
