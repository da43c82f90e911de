#include "mcp/shared/scope.h"

#include <algorithm>
#include <string_view>

namespace mcp::shared {

using base::json::Value;

namespace {

Scope scope_of_resource(const Registry& registry, std::string_view uri) {
  const ResourceFamily* family = registry.find_family(uri);
  return family ? family->info().scope : Scope::read;
}

}  // namespace

Scope scope_of(const Registry& registry, const Message& message) {
  const Value params = message.params;
  if (message.method == "tools/call") {
    const Tool* tool = registry.find_tool(params["name"].str());
    return tool ? mcp::scope_of(tool->info()) : Scope::read;
  }
  if (message.method == "resources/read" || message.method == "resources/subscribe") {
    return scope_of_resource(registry, params["uri"].str());
  }
  if (message.method != "subscriptions/listen") return Scope::read;
  Scope most = Scope::read;
  for (const Value uri : params["notifications"]["resourceSubscriptions"].array())
    most = std::max(most, scope_of_resource(registry, uri.str()));
  return most;
}

Scope scope_of(const Registry& registry, base::json::Array batch) {
  Scope most = Scope::read;
  for (const Value each : batch)
    most = std::max(most, scope_of(registry, read_message(each)));
  return most;
}

}  // namespace mcp::shared
