// SealedState: the state that a modern call needs to go on after it asked its client. It is sent as
// requestState to the client, which returns it with the answers in a new request (MCP 2026-07-28,
// Multi-Round-Trip Requests). The server keeps nothing of it.
//
// It is bound to the caller's identity, the method and all parameters except _meta, inputResponses
// and requestState; the order of members does not matter. It may be used again until it expires:
// the same call with the same answers has the same outcome.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/seal.h"
#include "mcp/ask.h"

namespace mcp::modern {

// A user needs time to read, think and type, and may be interrupted; a client that returns the
// state later does not wait for a user.
constexpr base::Duration kStateTime = base::minutes(15);

struct RoundState {
  std::string state;  // the tool's own
  std::vector<std::pair<std::string, Question::Kind>> asked;
};

// The context that a call's state is bound to.
std::string state_context(std::string_view identity, std::string_view method,
                          base::json::Value params);

std::string seal_state(const base::Seal& seal, const RoundState& round, std::string_view context,
                       base::WallTime now);
// Errc::forbidden: not sealed by this key for this context, or not readable; Errc::gone: expired.
base::Result<RoundState> open_state(const base::Seal& seal, std::string_view token,
                                    std::string_view context, base::WallTime now);

}  // namespace mcp::modern
