#include "sim/faults.h"

#include <utility>

namespace sim {

AnswerFault request_lost(std::string verb, std::string path, int count) {
  AnswerFault out;
  out.match.verb = std::move(verb);
  out.match.path = std::move(path);
  out.match.count = count;
  out.cut = true;
  return out;
}

AnswerFault answer_lost(std::string verb, std::string path, int count) {
  AnswerFault out = request_lost(std::move(verb), std::move(path), count);
  out.executed = true;
  return out;
}

AnswerFault executed_late(base::Duration after, std::string verb, std::string path) {
  AnswerFault out = request_lost(std::move(verb), std::move(path));
  out.executed_after = after;
  return out;
}

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
