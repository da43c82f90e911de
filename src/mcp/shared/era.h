// Which era a message belongs to: legacy (a session, which initialize begins) or modern
// (2026-07-28, everything is in the request). Only this file decides it, for each message
// separately.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "mcp/jsonrpc.h"

namespace mcp::shared {

enum class Era : unsigned char { legacy, modern };

// The oldest modern revision, and the only one so far. Revisions are dates: comparing their text
// orders them.
constexpr std::string_view kFirstModern = "2026-07-28";

// The era of a message that is valid JSON-RPC. `header`: MCP-Protocol-Version, nullopt when not
// sent. A claim is the key io.modelcontextprotocol/protocolVersion in params._meta.
//
//   claim                                   modern
//   header of a modern revision             modern (without a claim, initialize is then refused:
//                                           it mixes eras)
//   server/discover, subscriptions/listen   modern
//   anything else                           legacy
//
// A session id decides nothing: clients send stale ones.
Era decide_era(const Message& message, std::optional<std::string_view> header);
// The same for an array: modern when the header or any of its elements is.
Era decide_batch_era(base::json::Value array, std::optional<std::string_view> header);

// A request's claim: the value of _meta's io.modelcontextprotocol/protocolVersion, or absent.
base::json::Value claim_of(const Message& message);

// May a legacy session send this MCP-Protocol-Version? nullopt: yes. Any legacy revision is
// accepted, even if it is not the session's.
bool is_legacy_header(std::optional<std::string_view> header);

// The error for a claim of an unsupported revision: data {"supported":[…],"requested":…}. For a
// claim of a legacy revision, `supported` lists the modern ones alone: without a session it cannot
// be served, and a client that finds its own revision in the list would retry forever.
RpcError unsupported_version(std::string_view claim);

// JSON arrays, newest first: all revisions, and those that begin with initialize.
std::string all_versions_json();
std::string legacy_versions_json();

}  // namespace mcp::shared
