// Completion: suggestions for an argument of a prompt or of a resource template while the user
// types (completion/complete).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "mcp/context.h"

namespace mcp {

constexpr std::size_t kCompletionValues = 100;  // MCP: at most 100 in one answer
// Limits on the request: bytes of each name and value, as many as the URI that they become part of
// may have; and arguments chosen before, more than any template or prompt has.
constexpr std::size_t kCompletionBytes = base::limits::kUriBytes;
constexpr std::size_t kCompletionArguments = 32;

// The views are valid only during the call that receives it.
struct CompletionRequest {
  std::string_view argument;  // its name
  std::string_view value;     // typed so far
  // Arguments chosen before (since 2025-06-18).
  std::vector<std::pair<std::string_view, std::string_view>> context;
};

class CompletionReply : public CallContext {
 public:
  // `values`: the matching ones, best first; only the first kCompletionValues are sent, with
  // hasMore if there were more. `total`: how many there are in all, if known.
  virtual void succeed(std::vector<std::string> values,
                       std::optional<std::uint64_t> total = {}) = 0;
};

class Prompt;
class ResourceFamily;

// Starts the completion; nullptr when it was answered inside. Requires: look_up_target()
// (shared/lookup.h) accepted `params`, and one of `prompt` and `family` is set.
std::unique_ptr<ToolRun> begin_completion(Prompt* prompt, ResourceFamily* family,
                                          base::json::Value params, CompletionReply& reply);

}  // namespace mcp
