// JSON-RPC 2.0 as MCP uses it: reading one message's envelope, and writing answers. Error codes of
// JSON-RPC 2.0 and of the MCP revisions 2025-03-26 to 2026-07-28.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace mcp {

enum class RpcCode : int {
  parse_error = -32700,
  invalid_request = -32600,
  method_not_found = -32601,
  invalid_params = -32602,
  internal_error = -32603,
  session_not_found = -32001,         // legacy era, with status 404; the official SDKs' number
  resource_not_found = -32002,        // legacy era
  url_elicitation_required = -32042,  // 2025-11-25; data.elicitations: what the user must do first
  header_mismatch = -32020,           // modern era, these three
  missing_capability = -32021,
  unsupported_version = -32022,
};

struct RpcError {
  RpcCode code = RpcCode::internal_error;
  std::string message;
  std::string data_json;  // "" : none
};

// Of an id, and of a progress token: kept as long as a call lasts and told with all that is told of
// it. Clients count, or send a UUID.
constexpr std::size_t kRequestIdBytes = 256;

// One message's envelope. Views into the parsed document.
struct Message {
  enum class Kind : unsigned char { request, notification, response, invalid };
  Kind kind = Kind::invalid;
  // The id as JSON text, its type kept (1 and "1" differ); of a request always there, of the
  // others when it could be read.
  std::string id_json;
  std::string_view method;
  base::json::Value params;         // absent when missing or null; else whatever came
  base::json::Value result, error;  // of a response: one of them is present
  std::string_view problem;         // of invalid: what is wrong
};
// MCP, Base Protocol, "Messages": jsonrpc "2.0"; id string or integer, never null, fraction,
// boolean; a method, or one of result and error. That params is an object is for the method to ask
// (-32602). Clients that write null for whatever is not there are understood where that leaves one
// meaning: params, a response's method and its other half, the id of a notifications/… and of an
// error.
Message read_message(base::json::Value value);

// An id or token of JSON-RPC as JSON text: a string or a whole number, and 1.0 is 1, as JSON
// Schema's integer has it. "" : neither.
std::string token_json(base::json::Value value);

// {"jsonrpc":"2.0","id":ID,"result":RESULT}
std::string result_message(std::string_view id_json, std::string_view result_json);
// `id_json` empty: no id member (the id could not be read).
std::string error_message(std::string_view id_json, const RpcError& error);
// `params_json` empty: no params member.
std::string notification_message(std::string_view method, std::string_view params_json);

}  // namespace mcp
