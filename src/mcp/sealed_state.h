// SealedState: what a modern call that asked its client needs to go on: it travels as requestState
// through the client, and comes back with the answers in a new request (MCP 2026-07-28,
// Multi-Round-Trip Requests). Nothing of it stays here.
//
// It is bound to who asked, the method and all parameters but _meta, inputResponses and
// requestState; whatever the order of their members. It may be used again until it expires: the
// same call with the same answers has the same outcome.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/seal.h"
#include "mcp/ask.h"

namespace mcp {

// People read, think and type, and may be called away; a token kept longer is not a person's.
constexpr base::Duration kStateTime = base::minutes(15);

struct RoundState {
  std::string state;  // the tool's own
  std::vector<std::pair<std::string, Question::Kind>> asked;
};

// What binds the state of a call.
std::string state_context(std::string_view identity, std::string_view method,
                          base::json::Value params);

std::string seal_state(const base::Seal& seal, const RoundState& round, std::string_view context,
                       base::WallTime now);
// Errc::forbidden, Errc::gone.
base::Result<RoundState> open_state(const base::Seal& seal, std::string_view token,
                                    std::string_view context, base::WallTime now);

}  // namespace mcp
