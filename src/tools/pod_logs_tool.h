// k0rdent.mgmt.podLogs.get: the end of a container's log, as much as a model can take (and says
// when it was cut). `follow` starts nothing: it answers with the URI to subscribe to, so
// that no stream ever runs for nobody.
#pragma once

#include <memory>

#include "mcp/tool.h"
#include "tools/kube_context.h"

namespace tools {

// `context` outlives the tool.
std::unique_ptr<mcp::Tool> make_pod_logs_tool(KubeContext& context);

}  // namespace tools
