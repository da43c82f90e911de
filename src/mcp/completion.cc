#include "mcp/completion.h"

#include <utility>

#include "base/text.h"
#include "mcp/registry.h"

namespace mcp {

using base::json::Type;
using base::json::Value;

namespace {

constexpr std::size_t kShown = 128;  // bytes of a name that an error repeats

CompletionOf wrong(std::string text) {
  return {nullptr, nullptr, RpcError{RpcCode::invalid_params, std::move(text), {}}};
}

}  // namespace

CompletionOf completion_of(const Registry& registry, Value params) {
  const Value ref = params["ref"], argument = params["argument"];
  if (!argument["name"].is(Type::string) || !argument["value"].is(Type::string)) {
    return wrong("params.argument must have a name and a value, strings");
  }
  const std::string_view type = ref["type"].str();
  CompletionOf of;
  if (type == "ref/prompt") {
    of.prompt = registry.find_prompt(ref["name"].str());
    if (!of.prompt) return wrong("Unknown prompt: " + base::printable(ref["name"].str(), kShown));
  } else if (type == "ref/resource") {
    of.family = registry.find_template(ref["uri"].str());
    if (!of.family) {
      return wrong("Unknown resource template: " + base::printable(ref["uri"].str(), kShown));
    }
  } else {
    return wrong("params.ref.type must be ref/prompt or ref/resource");
  }
  return of;
}

std::unique_ptr<ToolRun> begin_completion(Prompt* prompt, ResourceFamily* family, Value params,
                                          CompletionReply& reply) {
  CompletionRequest request{
      params["argument"]["name"].str(), params["argument"]["value"].str(), {}};
  for (const base::json::Member& each : params["context"]["arguments"].object())
    request.context.emplace_back(each.key, each.value.str());
  return prompt ? prompt->complete(request, reply) : family->complete(request, reply);
}

}  // namespace mcp
