// Which era a message belongs to: legacy (a session, from initialize on) or modern (2026-07-28,
// everything in the request). Decided here and nowhere else, for each message by itself.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "mcp/jsonrpc.h"

namespace mcp {

enum class Era : unsigned char { legacy, modern };

// The oldest modern revision. Revisions are dates, so text order is their order.
constexpr std::string_view kFirstModern = "2026-07-28";

// Of a message that is valid JSON-RPC. `header`: MCP-Protocol-Version, absent when not sent.
//   claim (params._meta has the key io.modelcontextprotocol/protocolVersion)  modern
//   header of a modern revision                                               modern
//   server/discover, subscriptions/listen                                     modern
//   anything else                                                             legacy
Era decide_era(const Message& message, std::optional<std::string_view> header);
// The same for an array: modern when the header or any of its elements is.
Era decide_batch_era(base::json::Value array, std::optional<std::string_view> header);

// Is MCP-Protocol-Version one that a legacy session may send? Absent: yes. A legal one that differs
// from the session's is tolerated.
bool is_legacy_header(std::optional<std::string_view> header);

// What a modern request gets as long as no modern revision is spoken here: unsupported_version with
// data {"supported":[…],"requested":…}. `requested`: its claim, else its header, else kFirstModern
// (it asked for a method of that revision).
RpcError unsupported_version(const Message& message, std::optional<std::string_view> header);

// ["2025-11-25","2025-06-18","2025-03-26"]
std::string supported_versions_json();

}  // namespace mcp
