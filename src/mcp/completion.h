// Completion: what an argument of a prompt or of a resource template could be, while the user
// types.
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
// What comes in: of each name and value, as much as the URI that they become part of may have; and
// arguments chosen before: no template and no prompt has as many.
constexpr std::size_t kCompletionBytes = base::limits::kUriBytes;
constexpr std::size_t kCompletionArguments = 32;

// Views are valid during the call that is given it.
struct CompletionRequest {
  std::string_view argument;  // its name
  std::string_view value;     // typed so far
  // Arguments chosen before (since 2025-06-18).
  std::vector<std::pair<std::string_view, std::string_view>> context;
};

class CompletionReply : public CallContext {
 public:
  // `values`: those that fit, the best first; beyond kCompletionValues they are cut, and hasMore
  // says so. `total`: how many there are in all, if known.
  virtual void succeed(std::vector<std::string> values,
                       std::optional<std::uint64_t> total = {}) = 0;
};

class Prompt;
class ResourceFamily;
class Registry;

// Whose argument completion/complete's params are about: one of the two, or an error.
struct CompletionOf {
  Prompt* prompt = nullptr;
  ResourceFamily* family = nullptr;
  std::optional<RpcError> error = {};
};
CompletionOf completion_of(const Registry& registry, base::json::Value params);

// Asks that one. Requires: `params` were checked by completion_of(); one of the two is there.
std::unique_ptr<ToolRun> begin_completion(Prompt* prompt, ResourceFamily* family,
                                          base::json::Value params, CompletionReply& reply);

}  // namespace mcp
