#include "mcp/lookup.h"

#include <string>
#include <utility>

#include "base/limits.h"
#include "base/text.h"
#include "mcp/result.h"

namespace mcp {

using base::json::Type;
using base::json::Value;

namespace {

constexpr std::size_t kShown = 128;  // bytes of a name that an error repeats

RpcError unnamed(std::string_view what) {
  return {RpcCode::invalid_params,
          "params.name must be the name of a " + std::string(what) + ", a string",
          {}};
}

RpcError unknown(std::string_view what, std::string_view name, std::string_view near) {
  std::string text = "Unknown " + std::string(what) + ": " + base::printable(name, kShown);
  if (!near.empty()) text.append("; did you mean ").append(near).append("?");
  return {RpcCode::invalid_params, std::move(text), {}};
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
  if (uri.empty()) return invalid("params.uri must be a URI, a string");
  if (uri.size() > base::limits::kUriBytes) {
    return invalid("params.uri may have at most " + std::to_string(base::limits::kUriBytes) +
                   " bytes");
  }
  if (ResourceFamily* family = registry.find_family(uri)) return {family};
  return {nullptr, about_uri({RpcCode::resource_not_found, "Resource not found", {}}, uri)};
}

}  // namespace mcp
