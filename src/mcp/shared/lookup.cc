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

RpcError invalid(std::string text) {
  return {RpcCode::invalid_params, std::move(text), {}};
}

RpcError unnamed(std::string_view what) {
  return invalid("params.name must be a string, the name of a " + std::string(what));
}

RpcError unknown(std::string_view what, std::string_view name, std::string_view near) {
  std::string text = "Unknown " + std::string(what) + ": " + base::printable(name, kShown);
  if (!near.empty()) text.append("; did you mean ").append(near).append("?");
  return {RpcCode::invalid_params, std::move(text), {}};
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

FoundTarget look_up_tool(const Registry& registry, Value params) {
  const Value name = params["name"];
  if (!name.is(Type::string)) return {{}, unnamed("tool")};
  if (Tool* tool = registry.find_tool(name.str())) return {tool};
  return {{}, unknown("tool", name.str(), registry.nearest_tool(name.str()))};
}

FoundTarget look_up_prompt(const Registry& registry, Value params) {
  const Value name = params["name"];
  if (!name.is(Type::string)) return {{}, unnamed("prompt")};
  if (Prompt* prompt = registry.find_prompt(name.str())) return {prompt};
  return {{}, unknown("prompt", name.str(), registry.nearest_prompt(name.str()))};
}

FoundTarget look_up_completion(const Registry& registry, Value params) {
  const auto wrong = [](std::string text) { return FoundTarget{{}, invalid(std::move(text))}; };
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
  CompletionTarget of;
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
  return {of};
}

}  // namespace

Found<const std::string> look_up_page(const Registry& registry, List list, Version version,
                                      Value params, const Caller& caller) {
  const Value cursor = params["cursor"];
  const bool ours = !cursor || cursor.is(Type::null) || cursor.is(Type::string);
  const std::string* page = ours ? registry.page(list, version, cursor.str(), &caller) : nullptr;
  if (page) return {page};
  return {nullptr, invalid("params.cursor is not a cursor of this list")};
}

std::optional<RpcError> uri_problem(Value params) {
  const std::string_view uri = params["uri"].str();
  if (uri.empty()) return invalid("params.uri must be a URI string");
  if (uri.size() <= base::limits::kUriBytes) return std::nullopt;
  return invalid("params.uri may have at most " + std::to_string(base::limits::kUriBytes) +
                 " bytes");
}

Found<ResourceFamily> look_up_resource(const Registry& registry, Value params) {
  if (auto problem = uri_problem(params)) return {nullptr, *std::move(problem)};
  const std::string_view uri = params["uri"].str();
  if (ResourceFamily* family = registry.find_family(uri)) return {family};
  return {nullptr, about_uri({RpcCode::resource_not_found, "Resource not found", {}}, uri)};
}

FoundTarget look_up_target(const Registry& registry, const Message& message) {
  if (message.method == "tools/call") return look_up_tool(registry, message.params);
  if (message.method == "prompts/get") return look_up_prompt(registry, message.params);
  if (message.method == "completion/complete") return look_up_completion(registry, message.params);
  Found<ResourceFamily> found = look_up_resource(registry, message.params);
  if (found.is) return {found.is};
  return {{}, std::move(found.error)};
}

std::string client_text(Value client_info) {
  std::string text(client_info["name"].str());
  const std::string_view version = client_info["version"].str();
  if (!version.empty()) text.append(text.empty() ? "" : " ").append(version);
  return base::printable(text, kClientTextBytes);
}

std::string read_log_level(std::string_view member, Value level, LogLevel& out) {
  if (parse_log_level(level.str(), out)) return {};
  std::string text(member);
  text.append(" must be one of");
  for (const std::string_view name : kLogLevelNames)
    text.append(" ").append(name);
  return text.append(", got ").append(level ? base::printable(level.to_json(), kShown) : "nothing");
}

}  // namespace mcp::shared
