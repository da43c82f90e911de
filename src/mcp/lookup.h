// Look-up: what a request's params name, found in the registry, or the error that says why not. The
// same in every revision, but for the code of a resource that is not there.
#pragma once

#include <optional>
#include <string_view>

#include "base/json.h"
#include "mcp/jsonrpc.h"
#include "mcp/registry.h"

namespace mcp {

template <class T>
struct Found {
  T* is = nullptr;  // nullptr: `error`
  RpcError error = {};
};

// params.cursor of the lists: "" for the first page, which clients ask for by "" and null, too;
// nullopt: no string, so that it was never given here.
std::optional<std::string_view> cursor_of(base::json::Value params);

// By params.name; the error names the nearest one.
Found<Tool> look_up_tool(const Registry& registry, base::json::Value params);
Found<Prompt> look_up_prompt(const Registry& registry, base::json::Value params);
// By params.uri, at most base::limits::kUriBytes. RpcCode::resource_not_found: nobody's.
Found<ResourceFamily> look_up_resource(const Registry& registry, base::json::Value params);

}  // namespace mcp
