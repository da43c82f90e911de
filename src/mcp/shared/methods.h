// The methods that both eras have, and what both check before a method runs. Each era has its own
// table for its other methods (legacy/methods.cc, modern/methods.cc).
#pragma once

#include <optional>
#include <string_view>

#include "http/server.h"
#include "mcp/jsonrpc.h"
#include "mcp/registry.h"
#include "mcp/shared/core.h"

namespace mcp::shared {

struct Method {
  std::string_view name;
  std::optional<List> list = {};  // shows this list; nullopt: begins a Call
  std::string_view names = {};    // the member of params that names what it is about; "": none
};
// nullptr: `name` is none of them.
const Method* find_method(std::string_view name);

// False: the capability to which the method belongs is not declared.
bool is_declared(const Registry& registry, std::string_view method);

// Refuses a request while draining, if it begins work, or when there is no room for its answer.
// True: refused, answered and counted.
bool refuse_busy(State& core, http::Reply& reply, const Message& message, bool begins_work);
// The same when there is no room for one more call.
bool refuse_full(State& core, http::Reply& reply, const Message& message, Full full);

}  // namespace mcp::shared
