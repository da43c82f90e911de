// Look-up: finds what a request's params name in the registry, or returns the error to answer. The
// same in every revision, except for the code of a resource that does not exist.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/json.h"
#include "mcp/completion.h"
#include "mcp/jsonrpc.h"
#include "mcp/log_level.h"
#include "mcp/registry.h"

namespace mcp::shared {

template <class T>
struct Found {
  T* is = nullptr;  // nullptr: see `error`
  RpcError error = {};
};

// The page of a list that params.cursor names: absent, "" or null: the first.
Found<const std::string> look_up_page(const Registry& registry, List list, Version version,
                                      base::json::Value params, const Caller& caller);

// What is wrong with params.uri, a string of 1 to base::limits::kUriBytes bytes.
std::optional<RpcError> uri_problem(base::json::Value params);
// By params.uri. RpcCode::resource_not_found: no family owns it.
Found<ResourceFamily> look_up_resource(const Registry& registry, base::json::Value params);

// The prompt or family whose argument completion/complete's params name: one of the two is set.
struct CompletionTarget {
  Prompt* prompt = nullptr;
  ResourceFamily* family = nullptr;
};
// What a call (call.h) calls.
using CallTarget = std::variant<Tool*, Prompt*, ResourceFamily*, CompletionTarget>;
struct FoundTarget {
  std::optional<CallTarget> is = {};  // nullopt: see `error`
  RpcError error = {};
};
// A tool or prompt by params.name (the error suggests the nearest name), a resource by params.uri, a
// completion by params.ref and argument. Requires: the method is one of the four.
FoundTarget look_up_target(const Registry& registry, const Message& message);

// "NAME VERSION" of a clientInfo, printable, at most kClientTextBytes; "": it says nothing.
constexpr std::size_t kClientTextBytes = 128;
std::string client_text(base::json::Value client_info);

// Reads a level's name. Returns what is wrong, or "". `member` names it in that text.
std::string read_log_level(std::string_view member, base::json::Value level, LogLevel& out);

}  // namespace mcp::shared
