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

bool is_late(const State& core, std::string_view method, bool begins_work) {
  return begins_work && core.draining && (core.calls_over || find_method(method) == nullptr);
}

bool refuse_busy(State& core, http::Reply& reply, const Message& message, bool begins_work) {
  const bool drains = is_late(core, message.method, begins_work);
  if (!drains && (!asks_for_much(message.method) || reply.has_room(kAnswerRoom))) return false;
  core.requests.ended(message.method, Outcome::error, {});
  drains ? send_draining(reply, message.id_json) : send_no_room(reply, message.id_json);
  return true;
}

namespace {

struct TooFast {
  RpcError error;
  base::Duration wait;
};

std::optional<TooFast> too_fast(State& core, const Message& message, const Caller& caller) {
  const std::string owner = counted_owner(caller);
  if (owner.empty()) return std::nullopt;
  const Class which = class_of(core.registry, message);
  const Method* method = find_method(message.method);
  const bool calls = method && !method->list;
  if (calls && !core.pace.has_room(owner, which))
    return TooFast{at_once_error(which), base::limits::kFullRetryAfter};
  const auto wait = core.pace.take(owner, which);
  if (!wait) return std::nullopt;
  return TooFast{rate_error(which, *wait), *wait};
}

}  // namespace

bool refuse_pace(State& core, http::Reply& reply, const Message& message, const Caller& caller) {
  auto fast = too_fast(core, message, caller);
  if (!fast) return false;
  core.requests.ended(message.method, Outcome::error, {});
  core.pace.refuse(std::move(reply), message.id_json, fast->error, fast->wait);
  return true;
}

std::optional<RpcError> check_pace(State& core, const Message& message, const Caller& caller) {
  auto fast = too_fast(core, message, caller);
  if (!fast) return std::nullopt;
  return std::move(fast->error);
}

bool refuse_full(State& core, http::Reply& reply, const Message& message, Full full) {
  if (full == Full::no) return false;
  core.requests.ended(message.method, Outcome::error, {});
  send_full(reply, message.id_json, full, kCallsAre);
  return true;
}

}  // namespace mcp::shared
