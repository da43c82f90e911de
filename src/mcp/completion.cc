#include "mcp/completion.h"

#include <utility>

#include "mcp/prompt.h"
#include "mcp/resource.h"

namespace mcp {

using base::json::Value;

std::unique_ptr<ToolRun> begin_completion(Prompt* prompt, ResourceFamily* family, Value params,
                                          CompletionReply& reply) {
  CompletionRequest request{
      params["argument"]["name"].str(), params["argument"]["value"].str(), {}};
  for (const base::json::Member& each : params["context"]["arguments"].object())
    request.context.emplace_back(each.key, each.value.str());
  return prompt ? prompt->complete(request, reply) : family->complete(request, reply);
}

}  // namespace mcp
