// k0rdent://watches: every watch and log stream that the caller's identity has at the API server,
// as the status pages show it (watch_page.h): {"watches":[…]}. To read; a subscription is refused,
// because it would have to tell of itself. Where callers have no identities of their own
// (DEV_ALLOW_ANY) all watches are of the one identity, so everybody sees all.
#pragma once

#include <memory>

#include "mcp/resource.h"
#include "tools/kube_context.h"
#include "tools/register.h"

namespace tools {

// `context` and `managers` outlive the family.
std::unique_ptr<mcp::ResourceFamily> make_watches_resource(const KubeContext& context,
                                                           const Managers& managers);

}  // namespace tools
