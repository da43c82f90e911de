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

bool too_long(Value text) {
  return text.str().size() > kCompletionBytes;
}

std::optional<std::string> context_problem(Value arguments) {
  if (arguments.size() > kCompletionArguments) {
    return "params.context.arguments may hold at most " + std::to_string(kCompletionArguments) +
           " arguments";
  }
  for (const base::json::Member& each : arguments.object()) {
    if (each.key.size() <= kCompletionBytes && !too_long(each.value)) continue;
    return "names and values of params.context.arguments may have at most " +
           std::to_string(kCompletionBytes) + " bytes each";
  }
  return std::nullopt;
}

}  // namespace

CompletionOf completion_of(const Registry& registry, Value params) {
  const Value ref = params["ref"], argument = params["argument"];
  if (!argument["name"].is(Type::string) || !argument["value"].is(Type::string)) {
    return wrong("params.argument must have a name and a value, strings");
  }
  if (too_long(argument["name"]) || too_long(argument["value"])) {
    return wrong("params.argument's name and value may have at most " +
                 std::to_string(kCompletionBytes) + " bytes each");
  }
  if (auto problem = context_problem(params["context"]["arguments"])) {
    return wrong(*std::move(problem));
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
