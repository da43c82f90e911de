#include "mcp/shared/methods.h"

#include <array>

namespace mcp::shared {

const Method* find_method(std::string_view name) {
  static constexpr std::array<Method, 8> kMethods = {{
      {"tools/call", {}, "name"},
      {"tools/list", List::tools},
      {"resources/read", {}, "uri"},
      {"resources/list", List::resources},
      {"resources/templates/list", List::templates},
      {"prompts/list", List::prompts},
      {"prompts/get", {}, "name"},
      {"completion/complete"},
  }};
  for (const Method& method : kMethods) {
    if (method.name == name) return &method;
  }
  return nullptr;
}

bool is_declared(const Registry& registry, std::string_view method) {
  return (registry.has_prompts() || !method.starts_with("prompts/")) &&
         (registry.completes() || !method.starts_with("completion/")) &&
         (registry.has_tasks() || !method.starts_with("tasks/"));
}

bool refuse_busy(State& core, http::Reply& reply, const Message& message, bool begins_work) {
  const bool drains = core.draining && begins_work;
  if (!drains && (!asks_for_much(message.method) || reply.has_room(kAnswerRoom))) return false;
  core.requests.ended(message.method, Outcome::error, {});
  drains ? send_draining(reply, message.id_json) : send_no_room(reply, message.id_json);
  return true;
}

bool refuse_full(State& core, http::Reply& reply, const Message& message, Full full) {
  if (full == Full::no) return false;
  core.requests.ended(message.method, Outcome::error, {});
  send_full(reply, message.id_json, full, kCallsAre);
  return true;
}

}  // namespace mcp::shared
