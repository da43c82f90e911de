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

// The oldest modern revision, and the only one so far. Revisions are dates, so text order is their
// order.
constexpr std::string_view kFirstModern = "2026-07-28";

// Of a message that is valid JSON-RPC. `header`: MCP-Protocol-Version, absent when not sent.
//   initialize without a claim and with a modern header   modern (refused there: it mixes eras)
//   claim (params._meta has the key io.modelcontextprotocol/protocolVersion)  modern
//   header of a modern revision                                               modern
//   server/discover, subscriptions/listen                                     modern
//   anything else                                                             legacy
// A session id proves nothing: clients send stale ones.
Era decide_era(const Message& message, std::optional<std::string_view> header);
// The same for an array: modern when the header or any of its elements is.
Era decide_batch_era(base::json::Value array, std::optional<std::string_view> header);

// What a request's _meta says its revision is; absent when it does not say.
base::json::Value claim_of(const Message& message);

// Is MCP-Protocol-Version one that a legacy session may send? Absent: yes. A legal one that differs
// from the session's is tolerated.
bool is_legacy_header(std::optional<std::string_view> header);

// Of a claim that is not spoken: data {"supported":[…],"requested":…}. A claim of a legacy revision
// is told the modern ones alone: without a session it cannot be served, and a client that sees its
// own revision in the list would try again for ever.
RpcError unsupported_version(std::string_view claim);

// Newest first: all, and those that begin with initialize.
std::string all_versions_json();
std::string legacy_versions_json();

}  // namespace mcp
