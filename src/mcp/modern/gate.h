// The checks of every modern request (MCP 2026-07-28) before its method runs, in this order; the
// first that fails is the answer. The order is part of the protocol: clients tell servers of
// different eras apart by the code.
//
//   check                                                                     fails with
//   params._meta has protocolVersion (string), clientCapabilities (object)    400 -32602
//   MCP-Protocol-Version is present and equals protocolVersion                400 -32020
//   the revision is supported                                                 400 -32022
//   no mirrored header is repeated                                            400 -32020
//   Mcp-Method is present and equals the method                               400 -32020
//   Mcp-Name equals the body's name, for methods that have one                400 -32020
//   the method is known                                                       404 -32601
//   logLevel and progressToken are valid                                      400 -32602
//   tools/call: Mcp-Param-* equal the arguments (mirrored_params.h)           400 -32020
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "mcp/jsonrpc.h"
#include "mcp/log_level.h"
#include "mcp/shared/mirrored_headers.h"

namespace mcp::modern {

// An error with its HTTP status.
struct HttpError {
  int status = 400;
  RpcError error;
};

// The protocol's members of a request's params._meta. `capabilities` is a view into the message.
struct Meta {
  base::json::Value capabilities;
  std::optional<LogLevel> log_level;  // nullopt: the client wants no notifications/message
  std::string progress_token;         // JSON text; "": no progress
};

// The error for initialize without a claim (era.h) but with a modern header: it fits neither era.
HttpError mixed_eras();
// Checks the revision in body and header: the table's first three rows.
std::optional<HttpError> check_claim(const Message& message, const shared::Mirror& mirror);
// Checks the other mirrored headers: the next three rows. `name_member`: the member of params that
// Mcp-Name repeats; "": the method has none.
std::optional<HttpError> check_mirror(const Message& message, const shared::Mirror& mirror,
                                      std::string_view name_member);
// Fills `meta`, or returns what is wrong. Requires: check_claim() found no error.
std::optional<HttpError> read_meta(const Message& message, Meta& meta);

}  // namespace mcp::modern
