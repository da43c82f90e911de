// Look-up: finds what a request's params name in the registry, or returns the error to answer. The
// same in every revision, except for the code of a resource that does not exist.
#pragma once

#include <optional>
#include <string_view>

#include "base/json.h"
#include "mcp/completion.h"
#include "mcp/jsonrpc.h"
#include "mcp/registry.h"

namespace mcp::shared {

template <class T>
struct Found {
  T* is = nullptr;  // nullptr: see `error`
  RpcError error = {};
};

// params.cursor of a list request: "" for the first page (absent, "" or null); nullopt: it is no
// string, so it is not one of our cursors.
std::optional<std::string_view> cursor_of(base::json::Value params);

// By params.name; the error suggests the nearest name.
Found<Tool> look_up_tool(const Registry& registry, base::json::Value params);
Found<Prompt> look_up_prompt(const Registry& registry, base::json::Value params);
// By params.uri, at most base::limits::kUriBytes. RpcCode::resource_not_found: no family owns it.
Found<ResourceFamily> look_up_resource(const Registry& registry, base::json::Value params);

// The prompt or family whose argument completion/complete's params name, or an error.
struct CompletionOf {
  Prompt* prompt = nullptr;
  ResourceFamily* family = nullptr;
  std::optional<RpcError> error = {};
};
CompletionOf completion_of(const Registry& registry, base::json::Value params);

}  // namespace mcp::shared
