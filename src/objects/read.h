// Read: one read of k0rdent://objects: the look for the kind, then the object, or the list:
//
//   object   its view (view.h); not there: Errc::not_found with the nearest names
//   list     {"objects":[VIEW, …]}, in the API server's order. Cut after kMostListed objects or
//            kListBytes: "truncated", "remaining" (how many are left; with "atLeast" there may be
//            more), and in "note" what to do
#pragma once

#include <memory>

#include "base/error.h"
#include "base/limits.h"
#include "cluster/cluster.h"
#include "mcp/resource.h"
#include "objects/request.h"

namespace objects {

// objects.list gives more, page by page.
constexpr std::size_t kMostListed = 1000;
constexpr std::size_t kListBytes = base::limits::kMiB;

// An error: the namespace is not allowed, and nothing was requested. Both must outlive the run.
base::Result<std::unique_ptr<mcp::ToolRun>> start_read(cluster::Cluster& cluster, Request request,
                                                       mcp::ReadReply& reply);

}  // namespace objects
