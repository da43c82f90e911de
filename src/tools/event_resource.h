// k0rdent://events/{namespace}: a read returns {"events":[…]}, newest first; a subscription
// delivers deltas (event_manager.h); parameters select events (event_selector.h). Host and scheme
// are case-insensitive, a trailing slash is allowed; notifications carry the URI as it was
// subscribed.
#pragma once

#include <memory>

#include "mcp/resource.h"
#include "tools/event_manager.h"

namespace tools {

// `context` and `manager` must outlive the family.
std::unique_ptr<mcp::ResourceFamily> make_event_resource(KubeContext& context,
                                                         EventManager& manager);

}  // namespace tools
