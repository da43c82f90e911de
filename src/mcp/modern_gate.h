// What every modern request (MCP 2026-07-28) is asked before its method runs, in this order; the
// first thing that is wrong is the answer. The order is part of the protocol: a client learns from
// the code what it met.
//
//   params._meta with protocolVersion (string), clientCapabilities (object)   400 -32602
//   MCP-Protocol-Version there, and the same                                  400 -32020
//   a revision that is spoken                                                 400 -32022
//   Mcp-Method there, and the same                                            400 -32020
//   Mcp-Name the same as the body's name, for methods that have one           400 -32020
//   the method is known                                                       404 -32601
//   logLevel, progressToken                                                   400 -32602
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "mcp/jsonrpc.h"
#include "mcp/log_level.h"
#include "mcp/modern_headers.h"

namespace mcp {

// An answer that is no JSON-RPC result: its HTTP status and the error.
struct HttpError {
  int status = 400;
  RpcError error;
};

// What a request says of itself in params._meta. `capabilities` is a view into the message.
struct ModernMeta {
  base::json::Value capabilities;
  std::optional<LogLevel> log_level;  // absent: no notifications/message
  std::string progress_token;         // JSON text; "": no progress
};

// initialize without a claim but with a modern header: neither era's.
HttpError mixed_eras();
// The revision, by body and header.
std::optional<HttpError> check_claim(const Message& message, const Mirror& mirror);
// `name_member`: the member of params that Mcp-Name repeats; "" : the method has none.
std::optional<HttpError> check_mirror(const Message& message, const Mirror& mirror,
                                      std::string_view name_member);
// Requires: check_claim() found nothing.
std::optional<HttpError> read_meta(const Message& message, ModernMeta& meta);

}  // namespace mcp
