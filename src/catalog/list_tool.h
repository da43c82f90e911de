// k0rdent.catalog.serviceTemplates.list: the add-ons of the catalog, and the chart versions that can
// be installed as ServiceTemplates.
//
// Answer: {"entries":[{"slug","title","summary","tags","support_type","deprecated","versions":[{"name",
// "version","repository","app_version"}]}], …}, and what cut lists have besides (answer/list_answer.h).
// Entries come by name, versions newest first in the order of the charts. In the text an add-on shows
// its newest versions only, unless `app` names it.
#pragma once

#include <memory>

#include "catalog/catalog.h"
#include "cluster/cluster.h"
#include "mcp/tool.h"

namespace catalog {

// Both must outlive the tool. The cluster is not asked: its seal binds `continue`.
std::unique_ptr<mcp::Tool> make_catalog_list_tool(Catalog& catalog, cluster::Cluster& cluster);

}  // namespace catalog
