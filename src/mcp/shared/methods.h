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

// May a request no longer begin, since the server shuts down? Calls may for a while: a client or a
// proxy that sent one could not know. `begins_work`: what the method does, in its era.
bool is_late(const State& core, std::string_view method, bool begins_work);
// Refuses a request that is late, or when there is no room for its answer.
// True: refused, answered and counted.
bool refuse_busy(State& core, http::Reply& reply, const Message& message, bool begins_work);
// The same when the caller exceeds its rate, or its calls at once (pace.h); the answer follows later.
bool refuse_pace(State& core, http::Reply& reply, const Message& message, const Caller& caller);
// For a message of a batch, the error instead; nullopt: it may run.
std::optional<RpcError> check_pace(State& core, const Message& message, const Caller& caller);
// The same when there is no room for one more call.
bool refuse_full(State& core, http::Reply& reply, const Message& message, Full full);

}  // namespace mcp::shared
