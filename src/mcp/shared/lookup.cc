#include "mcp/shared/lookup.h"

#include <string>
#include <utility>

#include "base/limits.h"
#include "base/text.h"
#include "mcp/result.h"

namespace mcp::shared {

using base::json::Type;
using base::json::Value;

namespace {

constexpr std::size_t kShown = 128;  // bytes of a name that an error repeats

RpcError unnamed(std::string_view what) {
  return {RpcCode::invalid_params,
          "params.name must be a string, the name of a " + std::string(what),
          {}};
}

RpcError unknown(std::string_view what, std::string_view name, std::string_view near) {
  std::string text = "Unknown " + std::string(what) + ": " + base::printable(name, kShown);
  if (!near.empty()) text.append("; did you mean ").append(near).append("?");
  return {RpcCode::invalid_params, std::move(text), {}};
}

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

std::optional<std::string_view> cursor_of(Value params) {
  const Value cursor = params["cursor"];
  if (cursor && !cursor.is(Type::null) && !cursor.is(Type::string)) return std::nullopt;
  return cursor.str();
}

Found<Tool> look_up_tool(const Registry& registry, Value params) {
  const Value name = params["name"];
  if (!name.is(Type::string)) return {nullptr, unnamed("tool")};
  if (Tool* tool = registry.find_tool(name.str())) return {tool};
  return {nullptr, unknown("tool", name.str(), registry.nearest_tool(name.str()))};
}

Found<Prompt> look_up_prompt(const Registry& registry, Value params) {
  const Value name = params["name"];
  if (!name.is(Type::string)) return {nullptr, unnamed("prompt")};
  if (Prompt* prompt = registry.find_prompt(name.str())) return {prompt};
  return {nullptr, unknown("prompt", name.str(), registry.nearest_prompt(name.str()))};
}

Found<ResourceFamily> look_up_resource(const Registry& registry, Value params) {
  const std::string_view uri = params["uri"].str();
  const auto invalid = [](std::string text) {
    return Found<ResourceFamily>{nullptr, {RpcCode::invalid_params, std::move(text), {}}};
  };
  if (uri.empty()) return invalid("params.uri must be a URI string");
  if (uri.size() > base::limits::kUriBytes) {
    return invalid("params.uri may have at most " + std::to_string(base::limits::kUriBytes) +
                   " bytes");
  }
  if (ResourceFamily* family = registry.find_family(uri)) return {family};
  return {nullptr, about_uri({RpcCode::resource_not_found, "Resource not found", {}}, uri)};
}

CompletionOf completion_of(const Registry& registry, Value params) {
  const Value ref = params["ref"], argument = params["argument"];
  if (!argument["name"].is(Type::string) || !argument["value"].is(Type::string)) {
    return wrong("params.argument must have a name and a value, both strings");
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

}  // namespace mcp::shared
