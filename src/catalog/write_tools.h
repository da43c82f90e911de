// The tools that write what the catalog offers into the cluster.
//
//   k0rdent.mgmt.serviceTemplates.install_from_catalog
//   k0rdent.mgmt.serviceTemplates.delete
#pragma once

#include <memory>
#include <vector>

#include "catalog/catalog.h"
#include "change/context.h"
#include "mcp/tool.h"

namespace catalog {

// Both must outlive the tools.
std::vector<std::unique_ptr<mcp::Tool>> make_write_tools(change::Context& context,
                                                         Catalog& catalog);

}  // namespace catalog
