// JSON-RPC 2.0 as MCP uses it: reads one message's envelope (outgoing.h writes messages). The error
// codes are JSON-RPC 2.0's and those of the MCP revisions 2025-03-26 to 2026-07-28.
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
  session_not_found = -32001,         // legacy era, with status 404; as the official SDKs send it
  resource_not_found = -32002,        // legacy era
  url_elicitation_required = -32042,  // 2025-11-25; data.elicitations: what the user must do first
  header_mismatch = -32020,           // modern era, like the next two
  missing_capability = -32021,
  unsupported_version = -32022,
};

struct RpcError {
  RpcCode code = RpcCode::internal_error;
  std::string message;
  std::string data_json;  // "": none
};

// Limit on a request id and on a progress token: both are kept as long as the call lasts and
// repeated in its messages. Clients use a counter or a UUID.
constexpr std::size_t kRequestIdBytes = 256;

// One message's envelope: views into the parsed document, which must outlive it.
struct Message {
  enum class Kind : unsigned char { request, notification, response, invalid };
  Kind kind = Kind::invalid;
  // The id as JSON text, which keeps its type (1 and "1" differ). Always set in a request; in other
  // kinds when it is readable.
  std::string id_json;
  std::string_view method;
  base::json::Value params;         // absent when missing or null; else any JSON type
  base::json::Value result, error;  // response: exactly one of them is present
  std::string_view problem;         // invalid: what is wrong; until the next read_message()
};
// Reads a message by the rules of MCP, Base Protocol, "Messages": no member of the envelope, and none
// inside params, stands twice in its object (a gateway before us may judge the one that we do not
// take); jsonrpc is "2.0"; the id is a
// string or an integer, never null, a fraction or a boolean; there is a method, or one of result
// and error. It is the method's job to refuse params that is no object (-32602). A null that stands
// for an absent member is accepted where it has only one meaning: params; in a response, its method
// and the other of result and error; the id of a notifications/… and of an error.
Message read_message(base::json::Value value);

// A request id or progress token as JSON text: a string or a whole number; 1.0 becomes 1, as in
// JSON Schema's integer. "": it is neither, or longer than kRequestIdBytes.
std::string token_json(base::json::Value value);

}  // namespace mcp
