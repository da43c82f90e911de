#include "mcp/shared/request_stats.h"

#include <iterator>

namespace mcp::shared {

namespace {

// All requests that a client of any revision may send, frequent ones first; the last name stands
// for all others.
constexpr std::string_view kNames[] = {"tools/call",
                                       "tools/list",
                                       "ping",
                                       "resources/read",
                                       "resources/subscribe",
                                       "initialize",
                                       "resources/unsubscribe",
                                       "resources/list",
                                       "resources/templates/list",
                                       "subscriptions/listen",
                                       "server/discover",
                                       "prompts/list",
                                       "prompts/get",
                                       "completion/complete",
                                       "logging/setLevel",
                                       "tasks/get",
                                       "tasks/update",
                                       "tasks/cancel",
                                       "other"};

void add(RequestCount& to, Outcome outcome, base::Duration took) {
  ++to.ended[static_cast<std::size_t>(outcome)];
  to.duration.observe(took);
}

}  // namespace

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok:
      return "ok";
    case Outcome::error:
      return "error";
    case Outcome::tool_error:
      return "tool_error";
    case Outcome::cancelled:
      break;
  }
  return "cancelled";
}

std::string_view RequestStats::method_at(std::size_t index) {
  return kNames[index];
}

std::size_t RequestStats::index_of(std::string_view method) {
  static_assert(std::size(kNames) == kMethods);
  std::size_t i = 0;
  while (i < kMethods - 1 && kNames[i] != method)
    ++i;
  return i;
}

void RequestStats::ended(std::string_view method, Outcome outcome, base::Duration took) {
  std::unique_ptr<RequestCount>& count = methods_[index_of(method)];
  if (!count) count = std::make_unique<RequestCount>();
  add(*count, outcome, took);
}

void RequestStats::tool_ended(std::string_view tool, Outcome outcome, base::Duration took) {
  auto at = tools_.find(tool);
  if (at == tools_.end()) at = tools_.try_emplace(std::string(tool)).first;
  add(at->second, outcome, took);
}

}  // namespace mcp::shared
