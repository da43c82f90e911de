// What a tool asks for (mcp/need.h), of kinds in the table.
#pragma once

#include <initializer_list>
#include <string_view>

#include "cluster/collection.h"
#include "mcp/need.h"

namespace kinds {

// `verbs`: "get,list". Requires: the table has each kind.
mcp::Needs need(std::string_view verbs, std::initializer_list<std::string_view> kinds);
mcp::Needs need(std::string_view verbs, const cluster::ListedKind& kind);
// The kind may be any that the API server serves: the caller, or a reference in an object, names it.
mcp::Needs need_any(std::string_view verbs);

}  // namespace kinds
