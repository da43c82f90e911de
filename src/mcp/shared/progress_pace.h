// ProgressPace: decides which of a call's progress reports are sent: only those that grow, at most
// one per kProgressPace, and always the last one (done reaches total).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "loop/clock.h"
#include "mcp/context.h"
#include "mcp/outgoing.h"

namespace mcp::shared {

// Minimum time between two progress notifications of one call; faster ones are not readable.
constexpr base::Duration kProgressPace = base::milliseconds(20);

class ProgressPace {
 public:
  // `token_json`: the client's progress token as JSON; "": none.
  explicit ProgressPace(std::string token_json) : token_json_(std::move(token_json)) {}
  bool wanted() const { return !token_json_.empty(); }
  // The notifications/progress to send, if one is due.
  std::optional<Outgoing> message(const Progress& progress, loop::TimePoint now);

 private:
  std::string token_json_;
  loop::TimePoint last_;
  double done_ = 0;
  bool told_ = false;
};

}  // namespace mcp::shared
