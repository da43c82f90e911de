#include "sim/faults.h"

#include <utility>

namespace sim {

std::optional<AnswerFault> Faults::take(const ApiRequest& request) {
  const std::string_view verb = request.sub == "log" ? "log" : std::string_view(request.verb);
  for (auto it = answers_.begin(); it != answers_.end(); ++it) {
    Match& match = it->match;
    const bool fits = (match.verb.empty() || match.verb == verb) &&
                      request.path.find(match.path) != std::string::npos &&
                      (match.user.empty() || match.user == request.user.name);
    if (!fits) continue;
    if (match.skip > 0) {
      --match.skip;
      continue;
    }
    AnswerFault fault = *it;
    if (match.count > 0 && --match.count == 0) answers_.erase(it);
    return fault;
  }
  return std::nullopt;
}

ConnectionPlan Faults::next_connection() {
  if (connections_.empty()) return {};
  ConnectionPlan plan = std::move(connections_.front());
  connections_.erase(connections_.begin());
  return plan;
}

}  // namespace sim
