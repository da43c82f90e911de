// k0rdent://events/{namespace}: a read returns {"events":[…]}, newest first; a subscription
// delivers deltas (manager.h); parameters select events (selector.h). Host and scheme
// are case-insensitive, a trailing slash is allowed; notifications carry the URI as it was
// subscribed.
#pragma once

#include <memory>

#include "events/manager.h"
#include "mcp/resource.h"

namespace events {

// `cluster` and `manager` must outlive the family.
std::unique_ptr<mcp::ResourceFamily> make_event_resource(cluster::Cluster& cluster,
                                                         Manager& manager);

}  // namespace events
