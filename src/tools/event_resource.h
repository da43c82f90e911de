// k0rdent://events/{namespace}: read gives {"events":[…]} newest first, subscribe gives deltas
// (event_manager.h); parameters say which (event_selector.h). Host and scheme in any case, a
// trailing slash is allowed; notifications carry the URI as it was subscribed.
#pragma once

#include <memory>

#include "mcp/resource.h"
#include "tools/event_manager.h"

namespace tools {

// `context` and `manager` outlive the family.
std::unique_ptr<mcp::ResourceFamily> make_event_resource(KubeContext& context,
                                                         EventManager& manager);

}  // namespace tools
